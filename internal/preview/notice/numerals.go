// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// numerals holds the numeric identifiers, by type.
type numerals map[string]forms

// forms counts the numeric identifiers of one type, by their form: 12345.0 and 12345.
type forms struct{ pointed, whole int64 }

// saw records how the identifiers of an event are written.
func (l numerals) saw(e *event.Event) {
	for _, i := range e.Identities {
		digits, pointed := strings.CutSuffix(i.Value, ".0")
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			continue
		}
		n := l[i.Type]
		if pointed {
			n.pointed++
		} else {
			n.whole++
		}
		l[i.Type] = n
	}
}

// notes names types of identity with numbers in both forms: tools for data frames write 12345.0 if a column has gaps, which is a different customer from 12345.
func (l numerals) notes() []string {
	var out []string
	for _, typ := range slices.Sorted(maps.Keys(l)) {
		if n := l[typ]; n.pointed > 0 && n.whole > 0 {
			out = append(out, fmt.Sprintf("%s is a number that ends in .0 in %s, and a whole number in %s: 12345.0 and 12345 are two customers; "+
				"pandas writes the first where a column has gaps (astype(\"Int64\") keeps whole numbers)",
				typ, value.Counted(n.pointed, "event"), value.Counted(n.whole, "event")))
		}
	}
	return out
}
