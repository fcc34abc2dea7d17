// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fit truncates results to the size that fits into an object. An object in Kubernetes has a largest size, and names from strangers can make
// results of any spec larger: then lists lose entries, and the status says which, instead of the results not being written at all.
//
// The rule: while the status is too large, the list that takes most bytes loses an entry. A list in the order of time loses the oldest, any other
// the last, which is the smallest. What a breakdown loses goes into its rest.
package fit

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// MaxBytes is the largest status of a job, as JSON: half of what etcd takes for an object by default, so that as much is left for its spec, and less than
// a store keeps of a result.
const MaxBytes = 768 << 10

// MaxCuts is the number of lists that are named as cut.
const MaxCuts = 24

// Regroup gives the i-th breakdown with at most so many groups next to the rest.
type Regroup func(i, groups int) v1alpha1.BreakdownResult

// list is a list of a status that may lose entries.
type list struct {
	name string
	// sizes of its entries in bytes.
	sizes []int
	bytes int
	// keep cuts the list to its best n entries.
	keep func(n int)
	had  int
}

// Report cuts a status of a MetricReport until its JSON has at most so many bytes, as far as that is possible.
func Report(s *v1alpha1.MetricReportStatus, limit int, regroup Regroup) {
	for range maxRounds {
		over := size(s) - limit
		if over <= 0 {
			return
		}
		if !shorten(reportLists(s, regroup), over, &s.Truncated) {
			return
		}
	}
}

// Map cuts a status of a JourneyMap in the same way.
func Map(s *v1alpha1.JourneyMapStatus, limit int) {
	for range maxRounds {
		over := size(s) - limit
		if over <= 0 {
			return
		}
		if !shorten(mapLists(s), over, &s.Truncated) {
			return
		}
	}
}

// maxRounds bounds the cuts: each looks at what the one before left, as notes and rests take room, too.
const maxRounds = 20

// shorten takes over bytes from the lists, and notes it; false when they have nothing more to give.
func shorten(lists []list, over int, cut *[]v1alpha1.TruncatedList) bool {
	lengths := make([]int, len(lists))
	for i := range lists {
		lengths[i] = len(lists[i].sizes)
	}
	for over > 0 {
		largest := -1
		for i := range lists {
			if lengths[i] > 0 && (largest < 0 || lists[i].bytes > lists[largest].bytes) {
				largest = i
			}
		}
		if largest < 0 {
			break
		}
		l := &lists[largest]
		lengths[largest]--
		gone := l.sizes[lengths[largest]]
		l.bytes, over = l.bytes-gone, over-gone
	}
	changed := false
	for i := range lists {
		if l := &lists[i]; lengths[i] < len(l.sizes) {
			changed = true
			l.keep(lengths[i])
			note(cut, l.name, lengths[i], l.had)
		}
	}
	return changed
}

// note says what was cut, once for each list.
func note(cut *[]v1alpha1.TruncatedList, name string, shown, of int) {
	i := slices.IndexFunc(*cut, func(c v1alpha1.TruncatedList) bool { return c.List == name })
	switch {
	case i >= 0:
		(*cut)[i].Shown = int32(shown)
	case len(*cut) < MaxCuts:
		*cut = append(*cut, v1alpha1.TruncatedList{List: name, Shown: int32(shown), Total: int32(of)})
	}
}

func reportLists(s *v1alpha1.MetricReportStatus, regroup Regroup) []list {
	var out []list
	for i := range s.Tables {
		t := &s.Tables[i]
		rows := t.Rows
		byTime := len(t.Columns) > 0 && t.Columns[0].Unit == "time"
		if byTime {
			rows = slices.Clone(rows)
			slices.Reverse(rows)
		}
		out = append(out, newList(fmt.Sprintf("tables[%s].rows", t.Name), rows, func(n int) {
			t.LeftOut += int64(len(t.Rows) - n)
			if byTime {
				t.Rows = t.Rows[len(t.Rows)-n:]
			} else {
				t.Rows = t.Rows[:n]
			}
		}))
	}
	for i := range s.Breakdowns {
		b := &s.Breakdowns[i]
		groups := b.Groups
		if n := len(groups); n > 0 && groups[n-1].Other {
			groups = groups[:n-1] // the rest stays
		}
		out = append(out, newList(fmt.Sprintf("breakdowns[%d].groups", i), groups, func(n int) { *b = regroup(i, n) }))
	}
	return out
}

func mapLists(s *v1alpha1.JourneyMapStatus) []list {
	var out []list
	for i := range s.Stages {
		stage := &s.Stages[i]
		out = append(out, newList(fmt.Sprintf("stages[%s].byChannel", stage.Name), stage.ByChannel, func(n int) { stage.ByChannel = stage.ByChannel[:n] }))
	}
	out = append(out, newList("handoffs", s.Handoffs, func(n int) { s.Handoffs = s.Handoffs[:n] }))
	if c := s.Coverage; c != nil {
		out = append(out, newList("coverage.topUnmatched", c.TopUnmatched, func(n int) { c.TopUnmatched = c.TopUnmatched[:n] }))
	}
	return out
}

func newList[T any](name string, entries []T, keep func(n int)) list {
	l := list{name: name, keep: keep, had: len(entries)}
	for i := range entries {
		n := size(&entries[i]) + 1 // and the comma
		l.sizes, l.bytes = append(l.sizes, n), l.bytes+n
	}
	return l
}

// size of a part of a status as JSON.
func size(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return 0 // A type of the API always has a form in JSON.
	}
	return len(b)
}
