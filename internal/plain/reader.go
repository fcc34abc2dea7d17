// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Options of a Reader.
type Options struct {
	// Columns of a table in their order; nil for documents, each of which has its own fields.
	Columns []string
	// Commas tells that decimals may be written with a comma.
	Commas bool
	// Event is the name of the events of rows that have none.
	Event string
}

// Reader reads the rows of one file whose columns have the names that tools give them, and says what it took for what. It is not safe for
// concurrent use.
type Reader struct {
	options Options
	table   *columns
	// shapes are the meanings of the fields of documents.
	shapes map[string]*columns
	said   notes
}

// NewReader makes the reader of a file.
func NewReader(o Options) *Reader {
	r := &Reader{options: o}
	if o.Columns != nil {
		c := columnsOf(o.Columns)
		r.table = &c
		for _, name := range o.Columns {
			r.said.column(name, c.as[name])
		}
		for _, name := range c.alone {
			r.said.property(name)
		}
	}
	return r
}

// Missing says which columns a table lacks that no event can do without.
func (r *Reader) Missing() error {
	if r.table == nil {
		return nil
	}
	return missing(r.table, r.options.Columns, r.options.Event)
}

// Notes say what was taken for what, in words.
func (r *Reader) Notes() []string { return r.said.list() }

// Event reads a row, which it empties. id is used where the row has none.
func (r *Reader) Event(row map[string]any, id string) (*event.Event, *reject.Rejection) {
	if rejection := unpack(row); rejection != nil {
		return nil, rejection
	}
	c := r.table
	var fields []string
	if reshape(row) || c == nil {
		fields = slices.Sorted(maps.Keys(row))
		c = r.document(fields)
	}
	rename(row, c.as)
	if rejection := r.values(row, fields); rejection != nil {
		return nil, rejection
	}
	return Event(row, id)
}

// maxShapes bounds the sets of fields that are remembered.
const maxShapes = 256

// document gives the meaning of the fields of a document, which most documents of a file have in common.
func (r *Reader) document(fields []string) *columns {
	shape := strings.Join(fields, "\x00")
	if c := r.shapes[shape]; c != nil {
		return c
	}
	c := columnsOf(fields)
	for _, name := range fields {
		r.said.column(name, c.as[name])
	}
	if r.shapes == nil {
		r.shapes = map[string]*columns{}
	}
	if len(r.shapes) < maxShapes {
		r.shapes[shape] = &c
	}
	return &c
}

// rename gives the fields their names in the plain form. A field that has such a name without being it becomes a property of its name.
func rename(row map[string]any, as map[string]string) {
	renamed := make(map[string]any, len(as))
	for name, column := range as {
		if v, ok := row[name]; ok {
			delete(row, name)
			renamed[column] = v
		}
	}
	for name, v := range row {
		if _, taken := renamed[name]; taken || meaningOf(name).column == name && name != "source" {
			delete(row, name)
			renamed["properties."+name] = v
		}
	}
	maps.Copy(row, renamed)
}

// values brings what has several forms into the one of the plain form.
func (r *Reader) values(row map[string]any, fields []string) *reject.Rejection {
	if name, ok := row["event"]; (!ok || name == nil || name == "") && r.options.Event != "" {
		row["event"] = r.options.Event
	}
	if rejection := r.time(row, fields); rejection != nil {
		return rejection
	}
	distinct(row)
	if text, ok := row["amount"].(string); ok {
		plain, comma, err := decimalOf(text)
		if err != nil {
			return reject.New(reject.BadAmount, "amount", err.Error())
		}
		if comma {
			r.said.comma++
		}
		row["amount"] = plain
	}
	if r.options.Commas {
		r.properties(row)
	}
	return nil
}

// time reads the time of the row.
func (r *Reader) time(row map[string]any, fields []string) *reject.Rejection {
	v, ok := row["time"]
	text, isText := value.Text(v)
	text = strings.TrimSpace(text)
	switch {
	case !ok || v == nil || isText && text == "":
		if r.table != nil {
			return reject.New(reject.BadTime, "time", "the row has no time")
		}
		return reject.New(reject.BadTime, "time", "there is no field time; fields are "+listed(fields))
	case !isText:
		return reject.New(reject.BadTime, "time", "it is no text and no number")
	}
	if strings.Trim(text, "0123456789.") == "" {
		us, unit, err := value.EpochTime(text)
		if err != nil {
			return reject.New(reject.BadTime, "time", fmt.Sprintf("%q %s", text, err))
		}
		r.said.unit(unit)
		row["time"] = time.UnixMicro(us)
		return nil
	}
	t, err := value.ReadTime(text)
	if err != nil {
		return reject.New(reject.BadTime, "time", shown(text)+err.Error())
	}
	if !t.Clock {
		r.said.noClock++
	} else if !t.Zone {
		r.said.noZone++
	}
	row["time"] = t.At
	return nil
}

// shown repeats what looks like a time: of what does not, nobody knows whose secret it is.
func shown(text string) string {
	if len(text) <= 40 && strings.Trim(text, "0123456789.:-+/ TZtzAPMapm,") == "" {
		return fmt.Sprintf("%q ", text)
	}
	return ""
}

// properties reads decimals with a comma among the columns that stand for themselves.
func (r *Reader) properties(row map[string]any) {
	for name, v := range row {
		text, ok := v.(string)
		if !ok || meaningOf(name).column == name {
			continue
		}
		if plain, comma := decimalComma(text); comma {
			r.said.comma++
			row[name] = plain
		}
	}
}
