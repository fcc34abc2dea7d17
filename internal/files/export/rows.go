// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// ignoredRows returns whether a row is no record.
func ignoredRows(filters []v1alpha1.RowFilter, columns []string) func(map[string]any) bool {
	words := map[string]map[string]bool{}
	for _, f := range filters {
		column := f.Column
		if column == "" && len(columns) > 0 {
			column = columns[0]
		}
		if words[column] == nil {
			words[column] = map[string]bool{}
		}
		for _, v := range f.Values {
			words[column][folded(v)] = true
		}
	}
	return func(values map[string]any) bool {
		for column, set := range words {
			if text, ok := values[column].(string); ok && set[folded(text)] {
				return true
			}
		}
		return false
	}
}

func folded(text string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), ":")))
}

// decodeCells replaces cells by the JSON in them.
func decodeCells(row *files.Row, columns []string) {
	for _, c := range columns {
		text, ok := row.Values[c].(string)
		if !ok || text == "" {
			continue
		}
		v, err := decodedCell(text)
		if err != nil {
			*row = files.Row{
				Line: row.Line, Bad: reject.New(reject.BadJSON, "", fmt.Sprintf("the cell of column %q is not valid JSON", mask.Name(c))),
				Readings: []map[string]any{row.Values},
			}
			return
		}
		row.Values[c] = v
	}
}

func decodedCell(text string) (any, error) {
	if err := value.CheckJSON([]byte(text), transport.MaxDepth, transport.MaxTokens); err != nil {
		return nil, err
	}
	return value.Decode([]byte(text))
}

// decoded returns a row of a header. Cells with a JSON object are decoded.
func decoded(row map[string]string) map[string]any {
	out := make(map[string]any, len(row))
	for column, cell := range row {
		out[column] = cell
		if v, err := decodedCell(cell); err == nil && strings.HasPrefix(cell, "{") {
			out[column] = v
		}
	}
	return out
}
