// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package profile counts what the columns of a file hold: how many values, of which form, and how many different ones. Its memory is bounded by the
// number of columns, not of rows.
package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// maxColumns is the number of columns that are profiled; documents can have any number of fields.
	maxColumns = 300
	// maxDepth is how deep fields of documents are nested.
	maxDepth = 4
	// everyRow is the number of rows whose values are all looked at, and stride how many of the rows after them are skipped between two. Only forms are
	// looked for in a part of the rows: counts are of all rows.
	everyRow = 4096
	stride   = 16
)

// Profile of one file.
type Profile struct {
	// Rows that were read.
	Rows int64
	// Columns of a table in the order of the file; fields of documents in the order of their names.
	Columns []*Column
	// More is set if there are more columns than are profiled.
	More bool

	table  bool
	byPath map[string]*Column
}

// New returns an empty profile. names are the columns of a table; nil for documents.
func New(names []string) *Profile {
	p := &Profile{table: names != nil, byPath: map[string]*Column{}}
	for _, name := range names {
		if name != "" {
			p.column([]string{name})
		}
	}
	return p
}

// Table reports whether the rows are those of a table, whose cells are texts.
func (p *Profile) Table() bool { return p.table }

// Add counts a row.
func (p *Profile) Add(row map[string]any) {
	p.Rows++
	look := p.Rows <= everyRow || p.Rows%stride == 0
	p.add(nil, row, look)
}

func (p *Profile) add(above []string, fields map[string]any, look bool) {
	if p.table {
		for name, v := range fields {
			if c := p.byPath[name]; c != nil {
				c.add(v, look)
			}
		}
		return
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		v := fields[name]
		if v == nil || v == "" {
			continue
		}
		path := append(slices.Clip(above), name)
		if object, ok := v.(map[string]any); ok && len(path) < maxDepth && len(object) > 0 {
			p.add(path, object, look)
			continue
		}
		if c := p.column(path); c != nil {
			c.add(v, look)
		}
	}
}

// column returns the column at a path; nil if there are too many.
func (p *Profile) column(path []string) *Column {
	key := strings.Join(path, "\x00")
	c := p.byPath[key]
	switch {
	case c != nil:
	case len(p.Columns) == maxColumns:
		p.More = true
	default:
		c = &Column{Path: slices.Clone(path), values: map[string]int64{}, sketch: newSketch()}
		p.byPath[key] = c
		p.Columns = append(p.Columns, c)
	}
	return c
}

// Done ends the profile: fields of documents are sorted.
func (p *Profile) Done() {
	if !p.table {
		slices.SortFunc(p.Columns, func(a, b *Column) int { return slices.Compare(a.Path, b.Path) })
	}
}

// Of returns the column with a name; nil if there is none. Names of nested fields are joined by points.
func (p *Profile) Of(name string) *Column {
	i := slices.IndexFunc(p.Columns, func(c *Column) bool { return c.Name() == name })
	if i < 0 {
		return nil
	}
	return p.Columns[i]
}

// text returns a value as a text; false for what is neither a text nor a number.
func text(v any) (string, bool) {
	s, ok := value.Text(v)
	return strings.TrimSpace(s), ok
}
