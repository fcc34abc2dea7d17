// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
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
	return UnitKey{Column: root, Paths: splits(path)}, nil
}

// splits gives the ways to read a path: as one name first, then with ever more of its dots between names.
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

// In gives the text of the value in the column's content, empty when there is none: a text without its quotes, everything
// else as JSON. Objects, lists and null are no values.
func (k UnitKey) In(content string) string {
	if len(k.Paths) == 0 {
		return content
	}
	if content == "" {
		return ""
	}
	var root any
	decoder := json.NewDecoder(strings.NewReader(content))
	decoder.UseNumber()
	if decoder.Decode(&root) != nil {
		return ""
	}
	for _, path := range k.Paths {
		if text := valueAt(root, path); text != "" {
			return text
		}
	}
	return ""
}

func valueAt(value any, path []string) string {
	for _, name := range path {
		fields, ok := value.(map[string]any)
		if !ok {
			return ""
		}
		value = fields[name]
	}
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
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
