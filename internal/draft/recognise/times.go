// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package recognise

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
)

// timeForm is how the times of a column are read.
type timeForm struct {
	// convert returns the expression for a value.
	convert func(v string) string
	note    string
	// clock is set if the times have a time of day, local if they have no zone.
	clock, local bool
	// certain is set if the form alone says that the column has times; numbers and days can be something else.
	certain bool
	// ambiguous is set if day and month cannot be told apart.
	ambiguous bool
	layout    string
}

// divisors of numbers since 1970, by their unit.
var divisors = map[string]string{"seconds": "", "milliseconds": " / 1000.0", "microseconds": " / 1000000.0", "nanoseconds": " / 1000000000.0"}

// timesOf returns how the times of a column are read; nil if it has no times.
func (r *recogniser) timesOf(c *profile.Column) *timeForm {
	zone := strconv.Quote(r.o.zone())
	t := &c.Times
	local := func(v string) string { return fmt.Sprintf("localTime(%s, %s)", v, zone) }
	switch {
	case c.Forms.Lists > 0:
		return nil
	case c.Mostly(t.Zoned):
		return &timeForm{convert: func(v string) string { return v }, note: "times with a zone", clock: true, certain: true}
	case c.Mostly(t.Zoned + t.Local + t.Days):
		f := &timeForm{convert: local, note: "times without a zone", clock: t.Zoned+t.Local > 0, local: true, certain: t.Zoned+t.Local > t.Days}
		if !f.clock {
			f.note = "days"
		}
		return f
	}
	for unit, n := range t.Units {
		if c.Mostly(n) {
			return unitForm(unit, zone)
		}
	}
	layout, n, twice := t.Layout(r.o.Dates)
	if !c.Mostly(n) {
		return nil
	}
	convert := func(v string) string { return fmt.Sprintf("localTime(%s, %s, %s)", v, strconv.Quote(layout), zone) }
	zoned := strings.Contains(layout, "07")
	return &timeForm{
		convert: convert, note: fmt.Sprintf("times in the form %s", layout), clock: strings.Contains(layout, ":"), local: !zoned, certain: true,
		ambiguous: twice, layout: layout,
	}
}

func unitForm(unit, zone string) *timeForm {
	switch unit {
	case profile.Compact:
		convert := func(v string) string { return fmt.Sprintf("localTime(string(%s), %s)", v, zone) }
		return &timeForm{convert: convert, note: "days such as 20261121", local: true}
	case profile.CompactClock:
		convert := func(v string) string { return fmt.Sprintf(`localTime(string(%s), "20060102150405", %s)`, v, zone) }
		return &timeForm{convert: convert, note: "times such as 20261121101457", clock: true, local: true}
	}
	convert := func(v string) string { return "double(" + v + ")" + divisors[unit] }
	return &timeForm{convert: convert, note: unit + " since 1970", clock: true}
}

// time finds the time of the event.
func (r *recogniser) time() error {
	column, form := r.bestTime()
	if column == nil {
		if c := r.given("time"); c != nil {
			return fmt.Errorf("--column time=%s: the values are no times that are known, or in several forms", c.Name())
		}
		return r.lacks("time", "no column has times")
	}
	if form.ambiguous && r.o.Dates == "" {
		return fmt.Errorf("the times of the column %s can have the day or the month first: set --dates to dmy or mdy", shown(column.Name()))
	}
	r.take(column)
	r.out.Time = Field{Name: "time", Column: column, Expression: form.convert(reference(column, false)), Note: form.note}
	if !form.clock {
		r.clock(column, form)
	}
	if form.local {
		r.out.Time.Note += ", read in " + r.o.zone()
		r.check(fmt.Sprintf("Are the times of the column %s in %s? Otherwise set --time-zone.", shown(column.Name()), r.o.zone()))
	}
	return nil
}

// bestTime returns the column whose name says that it is the time, or whose values do.
func (r *recogniser) bestTime() (*profile.Column, *timeForm) {
	if c := r.given("time"); c != nil {
		return c, r.timesOf(c)
	}
	var best *profile.Column
	var form *timeForm
	least := 0
	for _, c := range r.free() {
		f := r.timesOf(c)
		if f == nil {
			continue
		}
		rank := timeRank(c, f)
		if rank > 0 && (best == nil || rank < least) {
			best, form, least = c, f, rank
		}
	}
	return best, form
}

// timeWords are parts of names of times.
var timeWords = []string{"time", "date", "zeit", "datum", "fecha", "hora", "heure", "stamp", "when", "moment", "data", "ora", "tijd", "dato", "dag"}

// timeRank returns how well a column fits as the time, lower is better; 0 if it does not.
func timeRank(c *profile.Column, f *timeForm) int {
	depth := 1000 * (len(c.Path) - 1)
	meaning, rank := meaningOf(c)
	switch {
	case meaning == "time":
		return 100 + rank + depth
	case has(c, "birth", "geburt", "dob", "expir", "valid", "due", "update", "modif"):
		return 0
	case f.certain && has(c, timeWords...):
		return 300 + depth
	case strings.HasSuffix(strings.ToLower(c.Leaf()), "_at") && f.clock:
		return 310 + depth
	case f.certain && f.clock:
		return 500 + depth
	case f.certain || has(c, timeWords...):
		return 700 + depth
	}
	return 0
}

// clock adds a column with the time of the day to one with the day.
func (r *recogniser) clock(day *profile.Column, form *timeForm) {
	for _, c := range r.free() {
		if !c.Mostly(c.Times.Clocks) {
			continue
		}
		r.take(c)
		joined := reference(day, false) + ` + " " + ` + reference(c, false)
		zone := strconv.Quote(r.o.zone())
		if form.layout == "" {
			r.out.Time.Expression = fmt.Sprintf("localTime(%s, %s)", joined, zone)
		} else {
			r.out.Time.Expression = fmt.Sprintf("localTime(%s, %s, %s)", joined, strconv.Quote(form.layout+" "+clockLayout(c)), zone)
		}
		r.out.Time.Note += ", with the time of the day in " + shown(c.Name())
		return
	}
	r.check(fmt.Sprintf("The column %s has days without a time, so the events of a day have no order.", shown(day.Name())))
}

// clockLayout returns the layout of the times of the day in a column.
func clockLayout(c *profile.Column) string {
	layout := "15:04"
	if c.Times.Seconds > 0 {
		layout = "15:04:05"
	}
	if c.Times.Halves > 0 {
		layout = strings.Replace(layout, "15", "3", 1) + " PM"
	}
	return layout
}
