// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"io"

	"github.com/journeyman-dev/journeyman/internal/identity/graph"
	"github.com/journeyman-dev/journeyman/internal/identity/history"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
)

// Snapshot writes the table, without its earlier versions, with a checksum.
func (t *Table) Snapshot(w io.Writer) error {
	b, err := t.encode()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func (t *Table) encode() ([]byte, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.graph.Snapshot(t.history.Seq(), t.history.Version())
}

// Restore reads a snapshot. The table has the policy that it was written with. An error is a snapshot.FormatError, or wraps
// snapshot.ErrCorrupt.
func Restore(r io.Reader) (*Table, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	s, err := snapshot.Open(b)
	if err != nil {
		return nil, err
	}
	g, err := graph.Restore(s)
	if err != nil {
		return nil, err
	}
	return &Table{graph: g, history: history.Resume(s.Seq, s.Version)}, nil
}
