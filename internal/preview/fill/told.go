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

// Text is what files leave open; its zero value tells nothing of it.
type Text struct {
	// Encoding of text without a byte-order mark, by its name on the web or at IANA; empty for UTF-8.
	Encoding string
	// Dates tells the order of the parts of days such as 03/04/2026.
	Dates plain.Order
	// Zone of times that name none, in rows of the plain form; nil for UTC.
	Zone *time.Location
	// Event is the name of the event for rows without one.
	Event string
}

// What can be told of files.
const (
	toldEncoding = "encoding"
	toldDates    = "dates"
	toldZone     = "time-zone"
	toldEvent    = "event"
)

var canBeTold = []string{toldEncoding, toldDates, toldZone, toldEvent}

// tell takes what is told of a file. An empty value takes back what was told before. An error starts with the value.
func (t *Text) tell(what, told string) (err error) {
	switch what {
	case toldEncoding:
		if told != "" {
			err = files.CheckEncoding(told)
		}
		t.Encoding = told
	case toldDates:
		if t.Dates = plain.Order(told); told != "" && t.Dates != plain.DayFirst && t.Dates != plain.MonthFirst {
			err = errors.New("use dmy (day first) or mdy (month first)")
		}
	case toldZone:
		if t.Zone = nil; told == "" {
			return nil
		}
		if t.Zone, err = value.Zone(told); err != nil {
			err = errors.New("use the name of a time zone such as Europe/Berlin, or UTC")
		}
	default:
		t.Event = told
	}
	return err
}

// ParseText checks what somebody reports all files.
func ParseText(encoding, dates, zone, event string) (Text, error) {
	t := Text{}
	for _, told := range [][2]string{{toldEncoding, encoding}, {toldDates, dates}, {toldZone, zone}, {toldEvent, event}} {
		if err := t.tell(told[0], told[1]); err != nil {
			return t, fmt.Errorf("--%s %s: %w", told[0], told[1], err)
		}
	}
	return t, nil
}

// File is a file with events.
type File struct {
	// Name is the path, by itself or as SOURCE=PATH.
	Name string
	// told of this file alone, as pairs of what and its value.
	told [][2]string
}

// Files returns files of which nothing is told.
func Files(names ...string) []File {
	out := make([]File, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
}

// ParseFiles reads a list of files, each with what is told of it alone: "a.csv,shop=b.csv,time-zone=Europe/Berlin,dates=dmy". A value with a comma
// is in double quotes, with its name: `a.csv,"event=Paid, at last"`.
func ParseFiles(list string) ([]File, error) {
	r := csv.NewReader(strings.NewReader(list))
	r.LazyQuotes = true
	parts, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%q: use FILE, or FILE with %s after commas", list, whatCanBeTold)
	}
	var out []File
	for _, part := range parts {
		what, told, is := strings.Cut(part, "=")
		if is = is && len(out) > 0; is && slices.ContainsFunc(canBeTold, func(can string) bool { return can != what && value.Similar(can, what) }) {
			return nil, fmt.Errorf("%s,%s: of a file %s can be told, not %s; if it is a source, give its file an --events of its own",
				out[len(out)-1].Name, part, whatCanBeTold, what)
		}
		if !is || !slices.Contains(canBeTold, what) {
			out = append(out, File{Name: part})
			continue
		}
		file := &out[len(out)-1]
		if err := new(Text).tell(what, told); err != nil {
			return nil, fmt.Errorf("%s,%s: %w", file.Name, part, err)
		}
		file.told = append(file.told, [2]string{what, told})
	}
	return out, nil
}

// whatCanBeTold of one file.
const whatCanBeTold = "encoding=, dates=, time-zone= or event="

// text returns what is told of the file: by itself, else of all.
func (f *File) text(all Text) Text {
	for _, told := range f.told {
		_ = all.tell(told[0], told[1]) // ParseFiles has checked it.
	}
	return all
}
