// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
)

// Field is a field of the event with the expression that fills it.
type Field struct {
	// Name of the field, the type of the identity, or the name of the property.
	Name string
	// Expression in CEL.
	Expression string
	// Column that it reads; nil for a constant.
	Column *profile.Column
	// Note says what was seen. It never has values of the column.
	Note string
}

// simpleName is a name that CEL can select by a point.
var simpleName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved words of CEL.
var reserved = strings.Fields("as break const continue else false for function if import in let loop namespace null package return true var void while")

// reference returns the expression for a column. optional is set if rows can lack it.
func reference(c *profile.Column, optional bool) string {
	var b strings.Builder
	b.WriteString("body")
	for _, name := range c.Path {
		plain := simpleName.MatchString(name) && !slices.Contains(reserved, name)
		switch {
		case plain && optional:
			b.WriteString(".?" + name)
		case plain:
			b.WriteString("." + name)
		case optional:
			b.WriteString("[?" + strconv.Quote(name) + "]")
		default:
			b.WriteString("[" + strconv.Quote(name) + "]")
		}
	}
	return b.String()
}

// converted returns the expression for a column whose values are converted. Rows can lack it: then there is no value.
func converted(c *profile.Column, convert func(v string) string) string {
	if convert("v") == "v" {
		return reference(c, true)
	}
	return reference(c, true) + ".optMap(v, " + convert("v") + ")"
}
