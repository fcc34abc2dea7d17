// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// ColumnUnit is the value of the unit in a scan by unit. It is the last column of such a scan.
const ColumnUnit = "unit"

// Limits of a key to scan by: every dot of a path can be part of a name or separate two names.
const (
	maxUnitKey  = 128
	maxUnitDots = 4
)

// UnitKey is a key to scan by: a column, or a path in the JSON of one.
type UnitKey struct {
	// Column that holds the value.
	Column string
	// Paths to the value in the column's JSON, in the order in which they are tried; none if the column itself is the value.
	Paths [][]string
	// last is the last name of the last path. All other paths end with it.
	last string
}

// ParseUnitKey parses sessionId, orderId, properties.PATH or groups.PATH. An error wraps ErrInvalid.
func ParseUnitKey(s string) (UnitKey, error) {
	if s == ColumnSessionID || s == ColumnOrderID {
		return UnitKey{Column: s}, nil
	}
	root, path, _ := strings.Cut(s, ".")
	if path == "" || root != ColumnProperties && root != ColumnGroups {
		return UnitKey{}, fmt.Errorf("%w: there is no unit %q", ErrInvalid, s)
	}
	if len(s) > maxUnitKey || strings.Count(path, ".") > maxUnitDots || strings.ContainsAny(path, "\"\\\x00") {
		return UnitKey{}, fmt.Errorf("%w: the unit %q is too long, too deep, or has a quote in it", ErrInvalid, s)
	}
	paths := splits(path)
	return UnitKey{Column: root, Paths: paths, last: path[strings.LastIndexByte(path, '.')+1:]}, nil
}

// splits returns the ways to read a path: first as one name, then with more and more of its dots as separators.
func splits(path string) [][]string {
	out := [][]string{{path}}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		for _, rest := range splits(path[i+1:]) {
			out = append(out, append([]string{path[:i]}, rest...))
		}
	}
	return out
}

// In returns the value in the content of the column as text, or an empty text. A text has no quotes; anything else is unchanged. Objects, lists and
// null are not values. The content is empty, or a JSON object that Event.Validate accepted.
func (k UnitKey) In(content string) string {
	if len(k.Paths) == 0 {
		return content
	}
	// A name is unchanged in JSON unless something is escaped. This check finds most events without a value.
	if content == "" || !strings.Contains(content, k.last) && strings.IndexByte(content, '\\') < 0 {
		return ""
	}
	raw := []byte(content)
	for _, path := range k.Paths {
		if text := textAt(raw, path); text != "" {
			return text
		}
	}
	return ""
}

func textAt(raw []byte, path []string) string {
	for _, name := range path {
		if raw = value.Lookup(raw, name); raw == nil {
			return ""
		}
	}
	switch value.Kind(raw) {
	case '"':
		text, _ := value.RawScalar(raw).(string)
		return text
	case '0', 't', 'f':
		return string(raw)
	}
	return ""
}

// Schema returns the schema of the request's scan: that of its columns, with ColumnUnit at the end for a scan by unit.
func (r *ScanRequest) Schema() (*arrow.Schema, error) {
	if r.Packed && r.By == "" {
		return packedSchema(r.Columns)
	}
	schema, err := ScanSchema(r.Plain().Columns)
	if err != nil || r.By == "" {
		return schema, err
	}
	if _, err := ParseUnitKey(r.By); err != nil {
		return nil, err
	}
	unit := arrow.Field{Name: ColumnUnit, Type: arrow.BinaryTypes.String}
	return arrow.NewSchema(append(schema.Fields(), unit), nil), nil
}
