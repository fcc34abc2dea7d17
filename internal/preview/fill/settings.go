// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Text holds the settings of files that their content leaves open. The zero value is the default.
type Text struct {
	// Encoding of text without a byte-order mark, by its name on the web or at IANA; empty for UTF-8.
	Encoding string
	// Dates is the order of day and month in dates such as 03/04/2026.
	Dates plain.Order
	// Zone of times without one, in rows of the plain form; nil for UTC.
	Zone *time.Location
	// Event is the name of the event for rows without one.
	Event string
}

// Names of the settings.
const (
	settingEncoding = "encoding"
	settingDates    = "dates"
	settingZone     = "time-zone"
	settingEvent    = "event"
)

var settingNames = []string{settingEncoding, settingDates, settingZone, settingEvent}

// set sets a value by name. An empty value resets it. An error starts with the value.
func (t *Text) set(name, v string) (err error) {
	switch name {
	case settingEncoding:
		if v != "" {
			err = files.CheckEncoding(v)
		}
		t.Encoding = v
	case settingDates:
		if t.Dates = plain.Order(v); v != "" && t.Dates != plain.DayFirst && t.Dates != plain.MonthFirst {
			err = errors.New("use dmy (day first) or mdy (month first)")
		}
	case settingZone:
		if t.Zone = nil; v == "" {
			return nil
		}
		if t.Zone, err = value.Zone(v); err != nil {
			err = errors.New("use the name of a time zone such as Europe/Berlin, or UTC")
		}
	default:
		t.Event = v
	}
	return err
}

// ParseText parses the settings of all files.
func ParseText(encoding, dates, zone, event string) (Text, error) {
	t := Text{}
	for _, setting := range [][2]string{{settingEncoding, encoding}, {settingDates, dates}, {settingZone, zone}, {settingEvent, event}} {
		if err := t.set(setting[0], setting[1]); err != nil {
			return t, fmt.Errorf("--%s %s: %w", setting[0], setting[1], err)
		}
	}
	return t, nil
}

// File is a file with events.
type File struct {
	// Name is the path, alone or as SOURCE=PATH.
	Name string
	// settings of this file, as pairs of name and value.
	settings [][2]string
}

// Files returns files without settings of their own.
func Files(names ...string) []File {
	out := make([]File, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
}

// ParseFiles reads a list of files, each with its own settings: "a.csv,shop=b.csv,time-zone=Europe/Berlin,dates=dmy". A value with a comma
// is in double quotes, with its name: `a.csv,"event=Paid, at last"`.
func ParseFiles(list string) ([]File, error) {
	r := csv.NewReader(strings.NewReader(list))
	r.LazyQuotes = true
	parts, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%q: use FILE, or FILE with %s after commas", list, settingList)
	}
	var out []File
	for _, part := range parts {
		name, v, is := strings.Cut(part, "=")
		if is = is && len(out) > 0; is && slices.ContainsFunc(settingNames, func(can string) bool { return can != name && value.Similar(can, name) }) {
			return nil, fmt.Errorf("%s,%s: for a file you can set %s, not %s; if it is a source, use a separate --events for its file",
				out[len(out)-1].Name, part, settingList, name)
		}
		if !is || !slices.Contains(settingNames, name) {
			out = append(out, File{Name: part})
			continue
		}
		file := &out[len(out)-1]
		if err := new(Text).set(name, v); err != nil {
			return nil, fmt.Errorf("%s,%s: %w", file.Name, part, err)
		}
		file.settings = append(file.settings, [2]string{name, v})
	}
	return out, nil
}

// settingList lists the settings of one file for messages.
const settingList = "encoding=, dates=, time-zone= or event="

// Split returns the source of a file, which can be empty, and its path.
func (f *File) Split() (source, path string) { return sourceAndFile(f.Name) }

// Of returns the file as one of a source.
func (f *File) Of(source string) File {
	_, path := f.Split()
	return File{Name: source + "=" + path, settings: f.settings}
}

// Text returns the settings of the file, with those of all files as defaults.
func (f *File) Text(all Text) Text {
	for _, setting := range f.settings {
		_ = all.set(setting[0], setting[1]) // ParseFiles has checked it.
	}
	return all
}
