// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// RemoveRequest selects events of one source, by exactly one of Range, Import and Generation.
type RemoveRequest struct {
	// Source of the events.
	Source string `json:"source"`
	// Range of their times.
	Range *TimeRange `json:"range,omitempty"`
	// Import that they were sent in; see Batch.Import.
	Import string `json:"import,omitempty"`
	// Generation of the mapping that created them.
	Generation *Generations `json:"generation,omitempty"`
	// Through is the latest commit with events to remove; 0 means the latest of the store. With that of a plan, exactly the events of the plan are removed.
	Through int64 `json:"through,omitempty"`
}

// TimeRange selects events by their time: From <= time < To, in microseconds.
type TimeRange struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Generations selects events by the generation of the TouchpointSource whose mapping created them.
type Generations struct {
	// UID of the TouchpointSource: one that is created again starts from generation 1. If empty, the UID of the latest batch.
	UID string `json:"uid,omitempty"`
	// Generation of its spec.
	Generation int64 `json:"generation"`
	// Before selects all earlier generations instead.
	Before bool `json:"before,omitempty"`
}

// RemovalPlan is what Remove will remove.
type RemovalPlan struct {
	// Through is the latest commit that the plan considers.
	Through int64 `json:"through"`
	// Events to remove, and the times of the oldest and the newest of them, in microseconds, 0 if there are none.
	Events int64 `json:"events"`
	Oldest int64 `json:"oldest"`
	Newest int64 `json:"newest"`
	// Persons who have such events.
	Persons int64 `json:"persons"`
	// Files to rewrite.
	Files int64 `json:"files"`
	// Duplicates is set for an import: the number of events that the source has sent since the first commit of the import and that were stored already,
	// without the import's own duplicates. Some of them may repeat an event of the import. Once the import is removed, the store does not have these,
	// and they must be sent again.
	Duplicates int64 `json:"duplicates,omitempty"`
}

// Removed is the result of Remove.
type Removed struct {
	// Seq of the commit of the removal. Scans from it on find no trace of the events; earlier commits can no longer be read. If there was nothing to
	// remove, it is the latest commit.
	Seq int64 `json:"seq"`
	// Events that were removed, and Keys of events that can be sent again.
	Events int64 `json:"events"`
	Keys   int64 `json:"keys"`
	// Identities is the number of identities and links that were removed.
	Identities int64 `json:"identities"`
	// FilesRewritten is the number of rewritten files, FilesChecked the number of files that were decoded to verify the removal.
	FilesRewritten int64 `json:"filesRewritten"`
	FilesChecked   int64 `json:"filesChecked"`
	// IdentityVersion after the removal.
	IdentityVersion int64 `json:"identityVersion"`
}

// Remover removes events of a source, for example to send them again with another mapping.
type Remover interface {
	// PlanRemoval counts what Remove would remove, and changes nothing. Errors: ErrInvalid, ErrUnavailable.
	PlanRemoval(ctx context.Context, r RemoveRequest) (RemovalPlan, error)
	// Remove removes the events, their keys, and the links and identities that no other event states. When it returns without an error, the removal is
	// durable and complete; after an error, nothing is removed. Afterwards, the store accepts the events again. Cursors and counters of the source do
	// not change. Errors: ErrInvalid, ErrUnavailable, ErrFull.
	Remove(ctx context.Context, r RemoveRequest) (Removed, error)
}

// Check returns an error that wraps ErrInvalid if the request is invalid, given the latest seq.
func (r *RemoveRequest) Check(newest int64) error {
	n := 0
	for _, given := range []bool{r.Range != nil, r.Import != "", r.Generation != nil} {
		if given {
			n++
		}
	}
	switch {
	case r.Source == "" || len(r.Source) > event.MaxTextBytes:
		return fmt.Errorf("%w: the removal names no source, or one that is too long", ErrInvalid)
	case n != 1:
		return fmt.Errorf("%w: a removal has exactly one of range, import and generation, this one has %d", ErrInvalid, n)
	case r.Range != nil && r.Range.From >= r.Range.To:
		return fmt.Errorf("%w: range: from %d is not before to %d", ErrInvalid, r.Range.From, r.Range.To)
	case r.Generation != nil && r.Generation.Generation < 1:
		return fmt.Errorf("%w: generation %d: generations start at 1", ErrInvalid, r.Generation.Generation)
	case r.Through < 0 || r.Through > newest:
		return fmt.Errorf("%w: seq %d does not exist, the newest is %d", ErrInvalid, r.Through, newest)
	}
	return checkImport(r.Import)
}

// checkImport returns an error that wraps ErrInvalid if the name of an import is invalid.
func checkImport(id string) error {
	if len(id) > MaxImportBytes {
		return fmt.Errorf("%w: the name of an import has %d bytes, more than %d", ErrInvalid, len(id), MaxImportBytes)
	}
	return nil
}

// Selection is a checked request, as a condition for rows of its source.
type Selection struct {
	// Times are From <= time < To. Through is the latest commit.
	Range   TimeRange
	Through int64
	// Commits of the rows.
	Commits SeqRuns
	// Generations are First <= generation <= Last.
	First, Last int64
}

// Selection returns the condition of the rows to remove. For an import that the store does not know, it returns an error that wraps ErrInvalid.
func (r *RemoveRequest) Selection(o *Origins, newest int64) (Selection, error) {
	s := Selection{Range: TimeRange{From: event.MinTime, To: event.MaxTime + 1}, Through: r.Through, Commits: allCommits, Last: math.MaxInt64}
	if s.Through == 0 {
		s.Through = newest
	}
	switch {
	case r.Range != nil:
		s.Range = *r.Range
	case r.Import != "":
		m := o.Import(r.Import)
		if m == nil {
			return s, fmt.Errorf("%w: import %q: source %q has none with this name; %s", ErrInvalid, r.Import, r.Source, o.names())
		}
		if m.Partial {
			return s, fmt.Errorf("%w: import %q: the store does not know all of its events, because they alternate with others of the source too often. "+
				"Select them by range", ErrInvalid, r.Import)
		}
		s.Commits = m.commits()
	case r.Generation != nil:
		if s.Commits = o.uidRuns(r.Generation.UID); len(s.Commits) == 0 {
			return s, fmt.Errorf("%w: uid %q: no TouchpointSource %q with it has sent events", ErrInvalid, r.Generation.UID, r.Source)
		}
		s.First, s.Last = r.Generation.Generation, r.Generation.Generation
		if r.Generation.Before {
			s.First, s.Last = 0, r.Generation.Generation-1
		}
	}
	return s, nil
}

// names lists the latest imports.
func (o *Origins) names() string {
	if len(o.Imports) == 0 {
		return "it has no import"
	}
	var names []string
	for i := len(o.Imports) - 1; i >= 0 && len(names) < 5; i-- {
		names = append(names, fmt.Sprintf("%q", o.Imports[i].ID))
	}
	return "the latest are " + strings.Join(names, ", ")
}

// Has reports whether the request selects a row of the source.
func (s *Selection) Has(time, seq, generation int64) bool {
	return seq <= s.Through && time >= s.Range.From && time < s.Range.To && generation >= s.First && generation <= s.Last &&
		s.Commits.Has(seq)
}

// Within reports whether the request can select rows with times and commits in a range that includes both ends.
func (s *Selection) Within(minTime, maxTime, minSeq, maxSeq int64) bool {
	return minSeq <= s.Through && maxTime >= s.Range.From && minTime < s.Range.To &&
		s.Commits.Between(minSeq, min(maxSeq, s.Through))
}

// MissedDuplicates returns RemovalPlan.Duplicates. duplicates is the counter of the source.
func (r *RemoveRequest) MissedDuplicates(o *Origins, duplicates int64) int64 {
	m := o.Import(r.Import)
	if r.Import == "" || m == nil {
		return 0
	}
	return max(0, duplicates-m.Before-m.Duplicates)
}

// TimesAfter updates the oldest and newest times of a source after a removal. gone are the times of the removed events, stay those of the remaining
// ones, both without future events.
func (s *SourceState) TimesAfter(gone, stay Times) {
	if gone.Any && gone.Oldest <= s.OldestEventTime {
		s.OldestEventTime = stay.Oldest
	}
	if gone.Any && gone.Newest >= s.NewestEventTime {
		s.NewestEventTime = max(0, stay.Newest)
	}
}

// Times are the oldest and newest time of some events.
type Times struct {
	Any            bool
	Oldest, Newest int64
}

// Add adds the time of an event.
func (t *Times) Add(time int64) {
	if !t.Any {
		t.Any, t.Oldest, t.Newest = true, time, time
		return
	}
	t.Oldest, t.Newest = min(t.Oldest, time), max(t.Newest, time)
}

// UnknownSource is the error of a removal from a source that has sent nothing.
func UnknownSource(name string) error {
	return fmt.Errorf("%w: source %q: the store has received nothing from it", ErrInvalid, name)
}

// CheckFloor returns an error that wraps ErrSnapshotGone if a removal has replaced the state of a commit. floor is the commit of the latest removal.
func CheckFloor(seq, floor int64) error {
	if seq < floor {
		return fmt.Errorf("%w: seq %d: events were removed at seq %d", ErrSnapshotGone, seq, floor)
	}
	return nil
}
