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
	// Columns of a table in order; nil for documents, each of which has its own fields.
	Columns []string
	// Commas is set if decimals can be written with a comma.
	Commas bool
	// Event is the event name of rows without one.
	Event string
	// Dates is the order of day and month in dates such as 03/04/2026; empty if it is not set.
	Dates Order
	// Zone of times without one; nil for UTC.
	Zone *time.Location
}

// Reader reads the rows of one file whose columns have the names that tools use, and records how it interpreted them. It is not safe for concurrent use.
type Reader struct {
	options Options
	table   *columns
	// shapes caches the meanings of the fields of documents.
	shapes map[string]*columns
	said   notes
	items  items
}

// NewReader returns a reader for a file.
func NewReader(o Options) *Reader {
	r := &Reader{options: o}
	if o.Zone != nil {
		r.said.zone = o.Zone.String()
	}
	if o.Columns != nil {
		c := columnsOf(o.Columns)
		r.items = itemsOf(o.Columns)
		r.table = &c
		for _, name := range o.Columns {
			r.said.column(name, c.as[name])
		}
		for _, name := range c.alone {
			r.said.property(name)
		}
		r.said.money = unusedMoney(o.Columns, &c)
	}
	return r
}

// Missing returns an error if a table lacks a required column.
func (r *Reader) Missing() error {
	if r.table == nil {
		return nil
	}
	if err := flattened(r.options.Columns); err != nil {
		return err
	}
	return missing(r.table, r.options.Columns, r.options.Event)
}

// Notes describes in words how the file was interpreted.
func (r *Reader) Notes() []string {
	if !r.said.plain {
		return nil
	}
	return r.said.list()
}

// HasSource reports whether a table has a column with the sources of its rows.
func (r *Reader) HasSource() bool { return r.table == nil || r.table.has("source") }

// Source returns the source that a row names, for any spelling of the column.
func (r *Reader) Source(row map[string]any) string {
	name, _ := row["source"].(string)
	if r.table != nil {
		name = ""
		for column, as := range r.table.as {
			if as == "source" {
				name, _ = row[column].(string)
			}
		}
	}
	return strings.TrimSpace(name)
}

// Event reads a row and empties it. id is used if the row has none.
func (r *Reader) Event(row map[string]any, id string) (*event.Event, *reject.Rejection) {
	r.said.plain = true
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
	if r.table != nil && r.table.has("amount") {
		r.said.amount(row)
	}
	return Event(row, id)
}

// shortened refuses a row with an identifier that has lost digits, because it would be equal to all identifiers with the same beginning.
func shortened(row map[string]any) *reject.Rejection {
	for _, name := range identifiers {
		if text, ok := row[name].(string); ok && exponentForm.MatchString(strings.TrimSpace(text)) {
			return reject.New(reject.BadRow, name, "it "+errExponent.Error())
		}
	}
	return nil
}

// identifiers are the columns that identify something.
var identifiers = append([]string{"id", "orderId", "sessionId", distinctID}, identityColumns...)

// maxShapes is the number of sets of fields that are cached.
const maxShapes = 256

// document returns the meaning of the fields of a document. Most documents of a file have the same fields.
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

// rename gives the fields their names in the plain form. A field that has such a name by chance becomes a property with that name.
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

// values converts values with several forms to the plain form.
func (r *Reader) values(row map[string]any, fields []string) *reject.Rejection {
	if name, ok := row["event"]; (!ok || name == nil || name == "") && r.options.Event != "" {
		row["event"] = r.options.Event
	}
	if rejection := r.time(row, fields); rejection != nil {
		return rejection
	}
	distinct(row)
	if rejection := shortened(row); rejection != nil {
		return rejection
	}
	if text, ok := row["amount"].(string); ok {
		currency, _ := row["currency"].(string)
		plain, comma, err := moneyOf(text, currency, r.options.Commas)
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
		return reject.New(reject.BadTime, "time", "it is neither a text nor a number")
	}
	if strings.Trim(text, "0123456789.") == "" && strings.Count(text, ".") < 2 {
		us, unit, err := value.EpochTime(text)
		if err != nil {
			return reject.New(reject.BadTime, "time", fmt.Sprintf("%q %s", text, err))
		}
		r.said.unit(unit)
		row["time"] = time.UnixMicro(us)
		return nil
	}
	at, err := r.timeText(row, text)
	if err != nil {
		return reject.New(reject.BadTime, "time", shown(text)+err.Error())
	}
	row["time"] = at
	return nil
}

// timeText reads a time in text form.
func (r *Reader) timeText(row map[string]any, text string) (at time.Time, err error) {
	if exponentTime.MatchString(text) {
		return at, errExponent
	}
	if clockForm.MatchString(text) {
		if text, err = withDay(row, text); err != nil {
			return at, err
		}
	}
	if text, err = r.dayOf(text); err != nil {
		return at, err
	}
	t, err := value.ReadTime(text)
	if err != nil || t.Zone && t.Clock {
		return t.At, err
	}
	if !t.Clock {
		r.said.noClock++
	} else {
		r.said.noZone++
	}
	if r.options.Zone == nil {
		return t.At, nil
	}
	return r.localTime(t)
}

// shown repeats a text that looks like a time. Any other text could be confidential.
func shown(text string) string {
	if len(text) <= 40 && strings.Trim(text, "0123456789.:-+/ TZtzAPMapm,") == "" {
		return fmt.Sprintf("%q ", text)
	}
	return ""
}

// properties converts decimals with a comma in the columns that are properties.
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
