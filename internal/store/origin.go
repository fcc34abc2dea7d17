// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// MaxImportBytes is the maximum length of the name of an import.
	MaxImportBytes = 128
	// MaxImports is the number of imports that the store remembers for each source. If there are more, it forgets the oldest; their events stay.
	MaxImports = 256
	// MaxImportRuns is the number of runs of commits of all imports of a source. Each change between an import and anything else that the source sends
	// begins a run.
	MaxImportRuns = 16 << 10
	// maxUIDs is the number of UIDs that the store remembers for each source. A TouchpointSource that is deleted and created again has a new UID.
	maxUIDs = 256
)

// Origins records which commits of a source belong to which import and UID, so that rows need no column for them. It is a value: Note changes nothing
// that a copy refers to.
type Origins struct {
	// Imports in the order of their first commits.
	Imports []Import `json:"imports,omitempty"`
	// UIDs of the TouchpointSource, and the first commit of each.
	UIDs []UIDSince `json:"uids,omitempty"`
	// Latest is the import of the latest commit with events.
	Latest string `json:"latest,omitempty"`
}

// UIDSince is the UID of the TouchpointSource from a commit on.
type UIDSince struct {
	Seq int64  `json:"seq"`
	UID string `json:"uid"`
}

// Import is what a source has sent in one import.
type Import struct {
	// ID that its batches name.
	ID string `json:"id"`
	// Events that it has stored, without those that Remove has removed with the import, and Duplicates, which were stored before.
	Events     int64 `json:"events"`
	Duplicates int64 `json:"duplicates,omitempty"`
	// Before are the duplicates of the source before its first commit.
	Before int64 `json:"before,omitempty"`
	// FirstAt and LastAt are the times of its first and last commit, in microseconds.
	FirstAt int64 `json:"firstAt"`
	LastAt  int64 `json:"lastAt"`
	// Runs of commits, in ascending order, and Last, the latest run. All events of the source in these commits belong to the import.
	Runs SeqRuns `json:"runs,omitempty"`
	Last SeqRun  `json:"last"`
	// Partial is set if some commits of the import are in no run, because there would be too many runs.
	Partial bool `json:"partial,omitempty"`
}

// SeqRun is a range of commits, with both ends.
type SeqRun struct {
	First int64 `json:"first"`
	End   int64 `json:"end"`
}

// Noted describes a commit to Note.
type Noted struct {
	Seq, At int64
	// Import of the batch; empty for none.
	Import string
	// UID of the source, as far as known.
	UID string
	// Events that were stored, Duplicates that were not, and those of the source before the commit.
	Events, Duplicates, Before int64
}

// Note returns the origins after a commit.
func (o Origins) Note(c Noted) Origins {
	if n := len(o.UIDs); c.UID != "" && (n == 0 || o.UIDs[n-1].UID != c.UID) {
		o.UIDs = append(slices.Clone(o.UIDs[max(0, n+1-maxUIDs):]), UIDSince{Seq: c.Seq, UID: c.UID})
	}
	if c.Import == "" {
		if c.Events > 0 {
			o.Latest = ""
		}
		return o
	}
	imports := slices.Clone(o.Imports)
	i := slices.IndexFunc(imports, func(m Import) bool { return m.ID == c.Import })
	if i < 0 {
		imports = append(imports[max(0, len(imports)+1-MaxImports):], Import{ID: c.Import, Before: c.Before, FirstAt: c.At})
		i = len(imports) - 1
	}
	m := &imports[i]
	m.Events, m.Duplicates, m.LastAt = m.Events+c.Events, m.Duplicates+c.Duplicates, c.At
	switch {
	case c.Events == 0:
	case o.Latest == c.Import && m.Last.End > 0:
		m.Last.End = c.Seq
	default:
		if m.Last.End > 0 {
			m.Runs = append(m.Runs, m.Last)
		}
		m.Last = SeqRun{First: c.Seq, End: c.Seq}
	}
	if c.Events > 0 {
		o.Latest = c.Import
	}
	o.Imports = withinRuns(imports, c.Import)
	return o
}

// withinRuns keeps the number of runs within its limit: it forgets the oldest other imports, and if there is none, the runs of the current one.
func withinRuns(imports []Import, current string) []Import {
	runs := 0
	for i := range imports {
		runs += len(imports[i].Runs)
	}
	for runs > MaxImportRuns {
		i := slices.IndexFunc(imports, func(m Import) bool { return m.ID != current && len(m.Runs) > 0 })
		if i < 0 {
			i = slices.IndexFunc(imports, func(m Import) bool { return m.ID == current })
			runs -= len(imports[i].Runs)
			imports[i].Runs, imports[i].Partial = nil, true
			continue
		}
		runs -= len(imports[i].Runs)
		imports = slices.Delete(imports, i, i+1)
	}
	return imports
}

// Import returns an import, or nil if the store does not know it.
func (o *Origins) Import(id string) *Import {
	if i := slices.IndexFunc(o.Imports, func(m Import) bool { return m.ID == id }); i >= 0 {
		return &o.Imports[i]
	}
	return nil
}

// ImportState is an import in the state of a source.
type ImportState struct {
	ID string `json:"id"`
	// Events that it has stored, without those that Remove has removed with the import, and Duplicates, which were stored before.
	Events     int64 `json:"events"`
	Duplicates int64 `json:"duplicates,omitempty"`
	// FirstAt and LastAt are the times of its first and last commit, in microseconds.
	FirstAt int64 `json:"firstAt"`
	LastAt  int64 `json:"lastAt"`
}

// shownImports is the number of imports in the state of a source, which the operator reads often.
const shownImports = 16

// Shown returns the latest imports, the newest first.
func (o *Origins) Shown() []ImportState {
	var list []ImportState
	for i := len(o.Imports) - 1; i >= 0 && len(list) < shownImports; i-- {
		m := &o.Imports[i]
		list = append(list, ImportState{ID: m.ID, Events: m.Events, Duplicates: m.Duplicates, FirstAt: m.FirstAt, LastAt: m.LastAt})
	}
	return list
}

// Removed returns the origins after events of an import were removed.
func (o Origins) Removed(id string, events int64) Origins {
	o.Imports = slices.Clone(o.Imports)
	if m := o.Import(id); m != nil {
		m.Events = max(0, m.Events-events)
	}
	return o
}

// allCommits has every commit.
var allCommits = SeqRuns{{First: 0, End: math.MaxInt64}}

// uidRuns returns the commits at which the TouchpointSource had the UID. An empty UID is the latest one; if none is known, it has all commits.
func (o *Origins) uidRuns(uid string) SeqRuns {
	if uid == "" && len(o.UIDs) == 0 {
		return allCommits
	}
	if uid == "" {
		uid = o.UIDs[len(o.UIDs)-1].UID
	}
	var runs SeqRuns
	for i, u := range o.UIDs {
		if u.UID != uid {
			continue
		}
		end := int64(math.MaxInt64)
		if i+1 < len(o.UIDs) {
			end = o.UIDs[i+1].Seq - 1
		}
		runs = append(runs, SeqRun{First: u.Seq, End: end})
	}
	return runs
}

// commits returns the runs of the import.
func (m *Import) commits() SeqRuns {
	if m.Last.End == 0 {
		return m.Runs
	}
	return append(slices.Clip(m.Runs), m.Last)
}

// SeqRuns are runs in ascending order.
type SeqRuns []SeqRun

// Has reports whether a commit is in one of them.
func (r SeqRuns) Has(seq int64) bool {
	i, found := slices.BinarySearchFunc(r, seq, func(x SeqRun, seq int64) int { return cmp.Compare(x.First, seq) })
	return found || i > 0 && r[i-1].End >= seq
}

// Between reports whether any of the runs overlaps a range of commits. The range includes both ends.
func (r SeqRuns) Between(first, end int64) bool {
	i, found := slices.BinarySearchFunc(r, first, func(x SeqRun, seq int64) int { return cmp.Compare(x.First, seq) })
	return found || i > 0 && r[i-1].End >= first || i < len(r) && r[i].First <= end
}

// MarshalJSON writes the distances between the runs as varints, in base64: a few bytes for each.
func (r SeqRuns) MarshalJSON() ([]byte, error) {
	var b []byte
	last := int64(0)
	for _, x := range r {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(x.First-last)), uint64(x.End-x.First))
		last = x.End
	}
	return json.Marshal(b)
}

var errRuns = errors.New("runs of commits are corrupt")

// UnmarshalJSON is the inverse of MarshalJSON.
func (r *SeqRuns) UnmarshalJSON(text []byte) error {
	var b []byte
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("%w: %w", errRuns, err)
	}
	*r = nil
	last := int64(0)
	for len(b) > 0 {
		gap, n := binary.Uvarint(b)
		length, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || gap > math.MaxInt64 || length > math.MaxInt64 {
			return errRuns
		}
		x := SeqRun{First: last + int64(gap)}
		x.End = x.First + int64(length)
		if x.First < last || x.End < x.First {
			return errRuns
		}
		*r, last, b = append(*r, x), x.End, b[n+m:]
	}
	return nil
}
