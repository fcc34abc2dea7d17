// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fit truncates results to the size that fits into an object. Objects in Kubernetes have a maximum size, and names sent by strangers can
// make the results of any spec larger. Lists then lose entries, and the status names them, instead of the results not being written at all.
//
// The rule: while the status is too large, the list with the most bytes loses an entry. A list in the order of time loses the oldest entry, any
// other list the last, which is the smallest. What a breakdown loses is added to its rest.
package fit

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// MaxBytes is the size of the largest status of a job, as JSON. It is half of etcd's default limit for an object, which leaves as much for the spec,
// and less than the limit of a result in a store.
const MaxBytes = 768 << 10

// MaxCuts is the number of truncated lists that are named.
const MaxCuts = 24

// Regroup returns the i-th breakdown with at most that number of groups in addition to the rest.
type Regroup func(i, groups int) v1alpha1.BreakdownResult

// list is a list of a status that can lose entries.
type list struct {
	name string
	// sizes of its entries in bytes.
	sizes []int
	bytes int
	// keep truncates the list to its best n entries.
	keep func(n int)
	had  int
}

// Report truncates a status of a MetricReport until its JSON has at most limit bytes, as far as that is possible.
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

// Map truncates a status of a JourneyMap in the same way.
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

// maxRounds is the number of rounds. Each one measures the result of the previous one, because notes and rests also need room.
const maxRounds = 20

// shorten removes over bytes from the lists, and notes it. It returns false if the lists have nothing left to lose.
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

// note records which list was truncated, once for each list.
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
			groups = groups[:n-1] // the rest remains
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
		n := size(&entries[i]) + 1 // including the comma
		l.sizes, l.bytes = append(l.sizes, n), l.bytes+n
	}
	return l
}

// size returns the size of a part of a status as JSON.
func size(v any) int {
	b, err := json.Marshal(v)
	if err != nil {
		return 0 // Types of the API can always be marshalled.
	}
	return len(b)
}
