// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// rowsField is the field of a joined record with its rows.
	rowsField = "rows"
	// maxJoined is the number of rows of a record.
	maxJoined = 1000
)

// joiner joins rows that follow each other to records.
type joiner struct {
	by []string
	// open is the record that further rows can belong to; key has its values.
	open files.Row
	key  []any
	rows []any
	has  bool
}

// newJoiner returns a joiner by the columns that the file has. Files without any of them, such as other exports of the same system, are not joined.
func newJoiner(by, columns []string) *joiner {
	j := &joiner{}
	for _, c := range by {
		if slices.Contains(columns, c) {
			j.by = append(j.by, c)
		}
	}
	return j
}

// add takes a row, and returns the records that are complete. A row that cannot be read is a record of its own, and does not end another.
func (j *joiner) add(row files.Row) []files.Row {
	if len(j.by) == 0 || row.Bad != nil {
		return []files.Row{row}
	}
	key, empty := j.keyOf(row.Values)
	if j.has && (empty || slices.Equal(key, j.key)) {
		j.rows = append(j.rows, row.Values)
		if len(j.rows) <= maxJoined {
			return nil
		}
		line := j.open.Line
		j.open.Bad = reject.New(reject.TooManyEvents, "", fmt.Sprintf("more than %s have the same values in the columns of joinBy", value.Counted(maxJoined, "row")))
		j.open.Values, j.rows = nil, j.rows[:1]
		j.open.Line = line
		return nil
	}
	done := j.end()
	j.open, j.key, j.rows, j.has = row, key, []any{row.Values}, true
	return done
}

// keyOf returns the values of the columns, and whether there are none.
func (j *joiner) keyOf(values map[string]any) (key []any, empty bool) {
	empty = true
	for _, c := range j.by {
		text, _ := value.Text(values[c])
		empty = empty && text == ""
		key = append(key, text)
	}
	return key, empty
}

// end returns the open record.
func (j *joiner) end() []files.Row {
	if !j.has {
		return nil
	}
	out := j.open
	if out.Bad == nil {
		out.Values = maps.Clone(out.Values)
		out.Values[rowsField] = j.rows
	}
	j.open, j.key, j.rows, j.has = files.Row{}, nil, nil, false
	return []files.Row{out}
}
