// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// maxExamples is the number of refused rows that are shown for each kind.
	maxExamples = 3
	// maxKinds is the number of kinds of refusals; the rest is counted as others.
	maxKinds = 20
)

// Result describes what happened to the rows of the files.
type Result struct {
	// Rows that were read, Events created from them, Dropped by rules, and Refused.
	Rows    int64 `json:"rows"`
	Events  int64 `json:"events"`
	Dropped int64 `json:"dropped"`
	Refused int64 `json:"refused"`
	// Duplicates counts events that occur more than once in the files. They count once.
	Duplicates int64 `json:"duplicates"`
	// Unidentified counts events without any identity that their source keeps. They count as events, but not for customers.
	Unidentified int64 `json:"unidentified,omitempty"`
	// Placeholders counts identifiers that were left out because they are placeholders, such as null or #N/A. Nothings counts those of orders, sessions
	// and groups among them, by field.
	Placeholders int64            `json:"placeholders,omitempty"`
	Nothings     map[string]int64 `json:"nothings,omitempty"`
	// PlaceholderIDs counts events whose id was a placeholder, such as undefined. They are identified by their content and position.
	PlaceholderIDs int64 `json:"placeholderIDs,omitempty"`
	// Refusals by file, reason and field, the most frequent first.
	Refusals []Refusals `json:"refusals,omitempty"`
	// Notes describe how the files were interpreted, by file.
	Notes []string `json:"notes,omitempty"`
	// Newest is the time of the latest event that is not ahead, in microseconds.
	Newest int64 `json:"-"`
	// Ahead counts events that are ahead of the clock and of the requested time. No number includes them. FirstAhead is the position and time of the first one.
	Ahead      int64  `json:"ahead,omitempty"`
	FirstAhead string `json:"firstAhead,omitempty"`

	// file that is being read
	file string
	// parts are the files and sources. Those of the current row are inFile and inSource, which is nil as long as it is unknown.
	parts            parts
	inFile, inSource *part
}

// Refusals are the refused rows of one kind in one file.
type Refusals struct {
	File string `json:"file,omitempty"`
	// Reason and Field, as counted by ingestion.
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	Count  int64  `json:"count"`
	// Examples contain the position and the reason.
	Examples []string `json:"examples"`
}

// others is the reason of refusals beyond maxKinds.
const others = "other"

// refuse counts a refused row.
func (f *Result) refuse(where string, r *reject.Rejection) {
	f.Refused++
	for _, p := range []*part{f.inFile, f.inSource} {
		if p != nil {
			p.refused++
		}
	}
	field := mask.Name(r.Field)
	i := slices.IndexFunc(f.Refusals, func(k Refusals) bool { return k.File == f.file && k.Reason == r.Reason && k.Field == field })
	switch {
	case i >= 0:
	case len(f.Refusals) < maxKinds:
		f.Refusals = append(f.Refusals, Refusals{File: f.file, Reason: r.Reason, Field: field})
		i = len(f.Refusals) - 1
	default:
		if len(f.Refusals) == maxKinds {
			f.Refusals = append(f.Refusals, Refusals{Reason: others})
		}
		i = maxKinds
	}
	k := &f.Refusals[i]
	k.Count++
	if len(k.Examples) < maxExamples {
		k.Examples = append(k.Examples, where+": "+mask.Name(r.Error()))
	}
}

// sort sorts refusals, the most frequent first.
func (f *Result) sort() {
	slices.SortStableFunc(f.Refusals, func(a, b Refusals) int { return cmp.Compare(b.Count, a.Count) })
}

// String describes in one line what happened to the rows.
func (f *Result) String() string {
	s := value.Counted(f.Rows, "row") + ", " + value.Counted(f.Events, "event")
	switch {
	case f.Duplicates == 1:
		s += ", 1 of them a duplicate, which counts once"
	case f.Duplicates > 0:
		s += fmt.Sprintf(", %d of them duplicates, which count once", f.Duplicates)
	}
	if f.Unidentified > 0 {
		s += fmt.Sprintf(", %d of them of nobody", f.Unidentified)
	}
	if f.Dropped > 0 {
		s += fmt.Sprintf(", %d dropped by rules", f.Dropped)
	}
	if f.Placeholders > 0 {
		s += fmt.Sprintf(", %s left out that %s for nobody", value.Counted(f.Placeholders, "identifier"), value.Agreed(f.Placeholders, "stands", "stand"))
	}
	if f.PlaceholderIDs > 0 {
		s += fmt.Sprintf(", %d with a placeholder as their id, which is not used", f.PlaceholderIDs)
	}
	if f.Refused > 0 {
		s += fmt.Sprintf(", %d refused", f.Refused)
	}
	return s
}

// Lines describe what was refused and how the files were interpreted, one line each.
func (f *Result) Lines() []string {
	var out []string
	for _, k := range f.Refusals {
		for i, example := range k.Examples {
			line := "refused: " + example
			if more := k.Count - int64(len(k.Examples)); i == len(k.Examples)-1 && more > 0 {
				line += fmt.Sprintf(" (and %d more of %s)", more, map[bool]string{true: "other kinds", false: "this kind"}[k.Reason == others])
			}
			out = append(out, line)
		}
	}
	if f.Ahead > 0 {
		out = append(out, fmt.Sprintf("ahead: %d of the events %s in no number, the first one at %s; set --as-of to include them",
			f.Ahead, value.Agreed(f.Ahead, "is in the future and counts", "are in the future and count"), f.FirstAhead))
	}
	for _, n := range slices.Concat(f.nothings(), f.Notes) {
		out = append(out, "note: "+n)
	}
	for i := range out {
		out[i] = printable(out[i])
	}
	return out
}

// printable returns a text without terminal escape sequences, because names of columns and files come from strangers.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// nothings describes what happened to events whose order, session or group was a placeholder.
func (f *Result) nothings() []string {
	var out []string
	for _, field := range slices.Sorted(maps.Keys(f.Nothings)) {
		n := f.Nothings[field]
		note := fmt.Sprintf("%s %s left out, of %s: the values are placeholders, such as undefined or (not set)",
			value.Counted(n, "identifier"), value.Agreed(n, "was", "were"), field)
		if field == "orderId" {
			note += ", so each of these events is an order of its own"
		}
		out = append(out, note)
	}
	return out
}
