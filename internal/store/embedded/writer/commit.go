// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"errors"
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// Limits of a group. More batches wait for the next one.
const (
	maxGroup      = 1024
	maxGroupBytes = 16 << 20
)

// run writes groups until the queue is closed.
func (w *Writer) run() {
	defer close(w.done)
	for p := range w.queue {
		group, size := []*pending{p}, p.size
		for len(group) < maxGroup && size < maxGroupBytes {
			var more bool
			select {
			case p, more = <-w.queue:
			default:
			}
			if !more {
				break
			}
			group, size = append(group, p), size+p.size
		}
		outcomes := w.commitGroup(group)
		w.pendingBytes.Add(-size)
		for i, p := range group {
			p.done <- outcomes[i]
		}
	}
}

// commitGroup makes the batches durable with one write and one sync, and then visible.
func (w *Writer) commitGroup(group []*pending) []outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	outcomes := make([]outcome, len(group))
	commits, err := w.planGroup(group, outcomes)
	bytes := int64(0)
	if err == nil && len(commits) > 0 {
		if bytes, err = w.log.Write(commits); err != nil {
			err = volume.WriteError(err)
		}
	}
	if err != nil {
		for _, c := range commits {
			w.unplan(c)
		}
		return failed(group, err)
	}
	w.catalog.Apply(commits, bytes)
	for i, n := 0, 0; i < len(group); i++ {
		if outcomes[i].err == nil && !outcomes[i].known {
			outcomes[i].answer = commits[n].Answer
			n++
		}
	}
	if w.catalog.Memtable().Bytes() >= w.options.SegmentBytes {
		w.signal()
	}
	return outcomes
}

func failed(group []*pending, err error) []outcome {
	outcomes := make([]outcome, len(group))
	for i := range outcomes {
		outcomes[i].err = err
	}
	return outcomes
}

// planGroup returns the commits of a group. It leaves out a batch that brings identities for which there is no memory, that has events of a load,
// that expects other cursors, or that was stored before, with its own outcome.
func (w *Writer) planGroup(group []*pending, outcomes []outcome) ([]*wal.Commit, error) {
	if err := w.writable(); err != nil {
		return nil, err
	}
	at := w.options.Clock().UnixMicro()
	commits := make([]*wal.Commit, 0, len(group))
	gate, first := w.gate(group), w.catalog.Seq()+1
	cursors := cursors{catalog: w.catalog}
	for i, p := range group {
		known, err := cursors.check(&p.batch)
		if known || err != nil {
			outcomes[i] = outcome{answer: store.Appended{Duplicates: int64(len(p.batch.Events))}, err: err, known: known}
			continue
		}
		c, err := w.plan(p, first+int64(len(commits)), at)
		if errors.Is(err, store.ErrHeld) {
			outcomes[i].err = err
			continue
		}
		if err != nil {
			return commits, unavailable(err.Error())
		}
		if err := gate.Refuse(c.Source, c.Trust.After(w.catalog.Trust(c.Source)).Public, c.Events, c.Indexes); err != nil {
			w.unplan(c)
			w.catalog.CountRefused(c.Source, err)
			outcomes[i].err = err
			continue
		}
		commits = append(commits, c)
		cursors.move(c)
	}
	return commits, nil
}

func (w *Writer) gate(group []*pending) *store.Gate {
	coming := int64(0)
	for _, p := range group {
		coming += store.MostEntries(p.batch.Events)
	}
	return store.NewGate(w.catalog.People(), w.catalog.Shares(), coming)
}

// writable returns why nothing can be accepted now. The caller holds the lock.
func (w *Writer) writable() error {
	if err := w.volume.Healthy(); err != nil {
		return err
	}
	if err := w.volume.CheckEpoch(); err != nil {
		return unavailable(err.Error())
	}
	if err := w.volume.Room(); err != nil {
		if len(w.catalog.Manifest().Pins) > 0 {
			w.signal()
		}
		return err
	}
	if tail := w.catalog.Memtable().Bytes(); tail > w.options.MaxUnflushedBytes {
		w.signal()
		return unavailable(fmt.Sprintf("%d bytes of the log wait for a flush, over %d", tail, w.options.MaxUnflushedBytes))
	}
	return nil
}
