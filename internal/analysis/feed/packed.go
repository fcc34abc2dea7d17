// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package feed

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// persons is the column of persons: plain or run-length encoded.
type persons struct {
	each   []uint64
	values []uint64
	ends   []int32
}

func (p *persons) set(column arrow.Array) bool {
	*p = persons{}
	switch a := column.(type) {
	case *array.Uint64:
		p.each = a.Uint64Values()
		return true
	case *array.RunEndEncoded:
		ends, ok := a.RunEndsArr().(*array.Int32)
		values, isNumber := a.Values().(*array.Uint64)
		if !ok || !isNumber || a.Offset() != 0 {
			return false
		}
		p.ends, p.values = ends.Int32Values(), values.Uint64Values()
		return true
	}
	return false
}

func (p *persons) there() bool { return p.each != nil || p.ends != nil }

// at returns the person of a row. run advances with ascending rows.
func (p *persons) at(i int, run *int) uint64 {
	if p.each != nil {
		return p.each[i]
	}
	for int(p.ends[*run]) <= i {
		*run++
	}
	return p.values[*run]
}

// runEnd returns the row after the run of a row.
func (p *persons) runEnd(i, run, rows int) int {
	if p.ends != nil {
		return min(int(p.ends[run]), rows)
	}
	for end := i + 1; end < rows; end++ {
		if p.each[end] != p.each[i] {
			return end
		}
	}
	return rows
}

// texts is a text column: plain or dictionary encoded.
type texts struct {
	each       *array.String
	codes      []uint16
	dictionary *array.String
	list       []string
}

func (t *texts) set(column arrow.Array) bool {
	switch a := column.(type) {
	case *array.String:
		*t = texts{each: a}
		return true
	case *array.Dictionary:
		codes, ok := a.Indices().(*array.Uint16)
		dictionary, isText := a.Dictionary().(*array.String)
		if !ok || !isText {
			return false
		}
		t.each, t.codes = nil, codes.Uint16Values()
		if t.dictionary != dictionary {
			t.dictionary, t.list = dictionary, t.list[:0]
			for i := range dictionary.Len() {
				t.list = append(t.list, dictionary.Value(i))
			}
		}
		return true
	}
	return false
}

func (t *texts) there() bool { return t.each != nil || t.codes != nil }

// at returns a text and its code, or 0 if it has none.
func (t *texts) at(i int) (string, uint32) {
	switch {
	case t.codes != nil:
		code := t.codes[i]
		return t.list[code], uint32(code) + 1
	case t.each != nil:
		return t.each.Value(i), 0
	}
	return "", 0
}

// classes are the classes of rows, numbered like the texts.
type classes struct {
	texts
	list  []event.Class
	known *array.String
}

// read parses the texts if they are new.
func (c *classes) read() error {
	if c.known == c.dictionary && c.known != nil {
		return nil
	}
	c.known, c.list = c.dictionary, c.list[:0]
	for _, text := range c.texts.list {
		class, err := event.ParseClass(text)
		if err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		c.list = append(c.list, class)
	}
	return nil
}

// at fills in the columns of the class. The number of the class is the code of the name and the channel.
func (c *classes) at(i int, row *journey.Row) {
	code := c.codes[i]
	class := &c.list[code]
	row.Source, row.Channel, row.Name = class.Source, class.Channel, class.Name
	row.NameCode, row.ChannelCode = uint32(code)+1, uint32(code)+1
	row.Kind, row.Initiator, row.Flags = class.Kind, class.Initiator, class.Flags
	if row.ReceivedAt = row.Time; class.Late {
		row.ReceivedAt += event.LateAfter + 1
	}
}

// codesEnd is the number after the last code.
func (t *texts) codesEnd() int {
	if t.codes == nil {
		return 1
	}
	return len(t.list) + 1
}
