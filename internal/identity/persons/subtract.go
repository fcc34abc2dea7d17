// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"io"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/graph"
)

// Subtraction takes back what some events of one source state, so that the table becomes that of the other events. It reads these events twice: all
// that are removed by Gone, then all that stay by Stays, in any order. Links can be added to the table in the meantime, and their events have to be
// passed to Stays, too. There must be no erasure, split or change of the policy.
//
// Some statements outlive their events. A link that an event beyond the retention stated first stays. Constraints of splits stay, with the
// identifiers that they name.
type Subtraction struct {
	table *Table
	work  *graph.Subtraction
}

// Subtract starts a subtraction of events of a source. It changes nothing until it is applied.
func (t *Table) Subtract(source string) *Subtraction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &Subtraction{table: t, work: t.graph.Subtract(source)}
}

// Gone takes in the edges of events of the source that are removed.
func (s *Subtraction) Gone(source string, edges []identity.Edge) {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	s.work.Gone(source, edges)
}

// Stays takes in the edges of events of a source that stay.
func (s *Subtraction) Stays(source string, edges []identity.Edge) {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	s.work.Stays(source, edges)
}

// Persons returns the number of current persons who have an event that is removed.
func (s *Subtraction) Persons() int64 {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	return s.work.Persons()
}

// Snapshot writes the table as it will be once the subtraction is applied, at the commit seq, with a checksum. Nothing may be added in between.
func (s *Subtraction) Snapshot(w io.Writer, seq int64) error {
	t := s.table
	t.mu.RLock()
	b, err := s.work.Snapshot(seq, t.history.Version()+1)
	t.mu.RUnlock()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Apply changes the table, as the commit seq. That is always a new version, because a snapshot is written before it is known whether persons change.
// It returns by how many entries the table is smaller; see Entries.
func (s *Subtraction) Apply(seq int64) (fewer int64) {
	t := s.table
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.graph.Entries()
	t.history.Reach(seq)
	s.work.Apply(t.history.Move)
	t.history.Mark()
	return before - t.graph.Entries()
}
