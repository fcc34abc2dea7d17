// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"io"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/graph"
)

// Subtraction removes what some events of one source state, so that the table becomes that of the other events. It reads all events: first those to
// remove with Gone, then the remaining ones with Stays, in any order. In the meantime links can be added to the table if their events are passed to
// Stays, too. Erasures, splits and changes of the policy are not allowed.
//
// Some statements outlive their events. If an event that retention has removed stated a link first, the link stays. Constraints of splits stay, with
// the identifiers that they name.
type Subtraction struct {
	table *Table
	work  *graph.Subtraction
}

// Subtract starts a subtraction of events of a source. The table does not change until Apply.
func (t *Table) Subtract(source string) *Subtraction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &Subtraction{table: t, work: t.graph.Subtract(source)}
}

// Gone reads the edges of removed events of the source.
func (s *Subtraction) Gone(source string, edges []identity.Edge) {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	s.work.Gone(source, edges)
}

// Stays reads the edges of remaining events of a source.
func (s *Subtraction) Stays(source string, edges []identity.Edge) {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	s.work.Stays(source, edges)
}

// Persons returns the number of current persons who have a removed event.
func (s *Subtraction) Persons() int64 {
	s.table.mu.RLock()
	defer s.table.mu.RUnlock()
	return s.work.Persons()
}

// Snapshot writes the table as it will be after Apply, at the commit seq, with a checksum. Nothing may be added in between.
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

// Apply changes the table, as the commit seq. The version always increases, because the snapshot is written before it is known whether persons
// change. It returns the number of removed entries; see Entries.
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
