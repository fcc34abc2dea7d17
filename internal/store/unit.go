// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// ColumnUnit is the text of what a scan goes by, when it does not go by person. It is the last column of such a scan.
const ColumnUnit = "unit"

// Bounds of a key to scan by: a path is tried with every dot as part of a name or between two names.
const (
	maxUnitKey  = 128
	maxUnitDots = 4
)

// UnitKey is a key to scan by: a column alone, or a path in the JSON of one.
type UnitKey struct {
	// Column of a scan that holds the value.
	Column string
	// Paths to the value in the column's JSON, in the order in which they are tried; none when the column itself is the value.
	Paths [][]string
	// last name of the last path, which all other paths end with.
	last string
}

// ParseUnitKey reads sessionId, orderId, properties.PATH or groups.PATH. The error wraps ErrInvalid.
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

// splits returns the ways to read a path: as one name first, then with ever more of its dots between names.
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

// In returns the text of the value in the column's content, empty if there is none: a text without its quotes, everything
// else as it is written. Objects, lists and null are no values. The content is empty, or a JSON object that Event.Validate took.
func (k UnitKey) In(content string) string {
	if len(k.Paths) == 0 {
		return content
	}
	// A name is there as it is, unless something is escaped. Most events that have no value are known by that.
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

// Schema of the request's scan: that of its columns, with ColumnUnit at the end when it goes by a unit.
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
