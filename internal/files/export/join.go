// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// rowsField is the field of a joined record with its rows.
	rowsField = "rows"
	// maxJoined is the number of rows of a record.
	maxJoined = 1000
	// maxKeys is the number of records that are remembered, to find rows that are not next to each other.
	maxKeys = 1 << 20
)

// joiner joins rows that follow each other to records. A record is whole or refused: one that lacks a row would be stored with wrong numbers, and be known
// when the corrected file is imported.
type joiner struct {
	by []string
	// open is the record that further rows can belong to; key has its values.
	open files.Row
	key  []any
	rows []any
	has  bool
	// unread are the rows after the latest one of the record that cannot be read.
	unread []files.Row
	// lost is the line of the row that cannot be read, to which rows without values belong; 0 if they belong to the record.
	lost int
	// seen are hashes of the keys of records, and apart is the number of records whose key is that of an earlier one.
	seen  map[uint64]bool
	apart int
}

// newJoiner returns a joiner by the columns that the file has. Files without any of them, such as other exports of the same system, are not joined.
func newJoiner(by, columns []string) *joiner {
	j := &joiner{seen: map[uint64]bool{}}
	for _, c := range by {
		if slices.Contains(columns, c) {
			j.by = append(j.by, c)
		}
	}
	return j
}

// add takes a row, and returns the records that are complete. A row that cannot be read is a record of its own, and the records to which it may belong
// are refused.
func (j *joiner) add(row files.Row) []files.Row {
	switch {
	case len(j.by) == 0:
		return []files.Row{row}
	case row.Bad != nil:
		j.unread = append(j.unread, row)
		return []files.Row{row}
	}
	key, empty := j.keyOf(row.Values)
	if j.follows(empty); empty && j.lost > 0 {
		row.Bad = reject.New(reject.BadRow, "", fmt.Sprintf("it continues the record of line %d, which cannot be read", j.lost))
		row.Values = nil
		return append(j.end(), row)
	}
	if j.has && (empty || slices.Equal(key, j.key)) {
		j.join(row)
		return nil
	}
	unread := j.unread
	done := j.end()
	j.begin(row, key)
	if line := j.mayBelong(unread, key); line > 0 {
		j.refuse(line)
	}
	return done
}

// follows sets what rows without values belong to.
func (j *joiner) follows(empty bool) {
	if !empty {
		j.lost = 0
		return
	}
	for i := range j.unread {
		if r := &j.unread[i]; len(r.Readings) > 0 && j.mayBelong(j.unread[i:i+1], j.key) == 0 {
			j.lost = r.Line
		}
	}
}

// join adds a row to the open record.
func (j *joiner) join(row files.Row) {
	if line := j.mayBelong(j.unread, j.key); line > 0 {
		j.refuse(line)
	}
	j.unread = nil
	if j.rows = append(j.rows, row.Values); len(j.rows) > maxJoined {
		j.open.Bad = reject.New(reject.TooManyEvents, "", fmt.Sprintf("more than %s have the same values in the columns of joinBy", value.Counted(maxJoined, "row")))
		j.open.Values, j.rows = nil, j.rows[:1]
	}
}

// begin opens a record.
func (j *joiner) begin(row files.Row, key []any) {
	j.open, j.key, j.rows, j.has = row, key, []any{row.Values}, true
	h := xxh3.HashString(fmt.Sprintf("%q", key))
	if j.seen[h] {
		j.apart++
	} else if len(j.seen) < maxKeys {
		j.seen[h] = true
	}
}

// mayBelong returns the line of the first of the rows that cannot be read and may belong to the record with a key; 0 if there is none.
func (j *joiner) mayBelong(unread []files.Row, key []any) int {
	for i := range unread {
		r := &unread[i]
		if len(r.Readings) == 0 || slices.ContainsFunc(r.Readings, func(values map[string]any) bool {
			have, empty := j.keyOf(values)
			return empty || slices.Equal(have, key)
		}) {
			return r.Line
		}
	}
	return 0
}

// refuse refuses the open record for a row that may belong to it.
func (j *joiner) refuse(line int) {
	if j.open.Bad == nil {
		j.open.Bad = reject.New(reject.BadRow, "", fmt.Sprintf("line %d cannot be read and may belong to this record: correct it, and import the file again", line))
		j.open.Values = nil
	}
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
		j.unread = nil
		return nil
	}
	if line := j.mayBelong(j.unread, j.key); line > 0 {
		j.refuse(line)
	}
	out := j.open
	if out.Bad == nil {
		out.Values = maps.Clone(out.Values)
		out.Values[rowsField] = j.rows
	}
	j.open, j.key, j.rows, j.has, j.unread = files.Row{}, nil, nil, false, nil
	return []files.Row{out}
}

// note describes rows that are not next to the others of their record; empty if there are none.
func (j *joiner) note() string {
	if j.apart == 0 {
		return ""
	}
	return fmt.Sprintf("%s the same %s as one before, but other rows in between: rows of one record have to follow each other. Sort the file, or add a column "+
		"to joinBy", value.Counted(j.apart, "record")+map[bool]string{true: " has", false: " have"}[j.apart == 1], strings.Join(j.by, ", "))
}
