// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package writer is the single writer of the store: it admits batches, makes them durable in groups, and installs manifests. Everything that changes
// the log, the keys, the tombstones or the manifest does so here, under one lock.
package writer

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/dedup"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// ErrClosed is returned once the writer was stopped.
var ErrClosed = unavailable("the store is closed")

// Options of a writer.
type Options struct {
	Clock func() time.Time
	// Retention is the age up to which events are accepted, by their time; 0 for no limit.
	Retention time.Duration
	// SegmentBytes is the size of the log from which it is flushed.
	SegmentBytes int64
	// MaxUnflushedBytes is the size of the unflushed log beyond which appends are refused.
	MaxUnflushedBytes int64
	// MaxPendingBytes is the size of batches that are waiting for the disk beyond which appends are refused.
	MaxPendingBytes int64
	// AcceptDamage accepts damage of the log: what cannot be read is lost.
	AcceptDamage bool
	Logger       *slog.Logger
}

// Writer is the writer of a store. It is safe for concurrent use, except for the methods that install manifests, which are called by one goroutine at a time.
type Writer struct {
	options Options
	volume  *volume.Volume
	catalog *catalog.Catalog
	// full signals that the log should be flushed.
	full chan<- struct{}

	// closing is held for reading while a batch is queued.
	closing sync.RWMutex
	closed  bool
	queue   chan *pending
	done    chan struct{}

	pendingBytes atomic.Int64

	// installing is held while the manifest is replaced. It is taken before mu.
	installing sync.Mutex
	// mu is held while a group is written, and while the log is cut or a manifest adopted.
	mu         sync.Mutex
	log        *wal.Log
	keys       *dedup.Index
	tombstones *tombstones
	// tombstoneKey is constant.
	tombstoneKey []byte
}

// Open reads the keys and the log into memory, and starts accepting batches. It reports whether damage of the log was accepted; the next flush moves
// the damaged segments to the quarantine.
func Open(v *volume.Volume, c *catalog.Catalog, o Options, full chan<- struct{}) (w *Writer, accepted bool, err error) {
	w = &Writer{options: o, volume: v, catalog: c, full: full, queue: make(chan *pending, maxGroup), done: make(chan struct{})}
	m := c.Manifest()
	if w.tombstones, err = loadTombstones(v, m.Tombstones); err != nil {
		return nil, false, err
	}
	w.tombstoneKey = w.tombstones.key
	if w.keys, err = dedup.Open(v, m.Keys); err != nil {
		return nil, false, err
	}
	if accepted, err = w.replay(m.Seq); err != nil {
		return nil, false, errors.Join(err, w.keys.Close())
	}
	go w.run()
	return w, accepted, nil
}

// replay applies the log after the parts.
func (w *Writer) replay(after int64) (accepted bool, err error) {
	log, report, err := wal.Open(w.volume, w.options.SegmentBytes, w.options.Logger, after, func(c *wal.Commit, bytes int64) error {
		if err := w.catalog.Replay(c, bytes); err != nil {
			return err
		}
		for i := range c.Events {
			w.keys.Put(c.Events[i].Key(), c.Seq)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	w.log = log
	for _, where := range report.Cut {
		w.options.Logger.Info("skipping a write that was never acknowledged", "where", where)
	}
	if len(report.Damage) > 0 {
		what := "the log is corrupt: " + strings.Join(report.Damage, "; ")
		if accepted = w.options.AcceptDamage; accepted {
			w.options.Logger.Error("damage accepted", "what", what)
		} else {
			w.volume.Fail(what)
		}
	}
	if err := w.catalog.Replayed(report.LastSeq); err != nil {
		return accepted, err
	}
	if w.volume.Fault() != "" {
		return accepted, nil
	}
	return accepted, w.log.RemoveUpTo(after)
}

// Stop stops accepting batches, and waits for those that were accepted.
func (w *Writer) Stop() {
	w.closing.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.closing.Unlock()
	<-w.done
}

// Close closes a writer that was stopped.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.log.Close(), w.keys.Close())
}

// TombstoneKey returns the key of the hashes of erased anchors.
func (w *Writer) TombstoneKey() []byte { return w.tombstoneKey }

// signal signals that the log should be flushed.
func (w *Writer) signal() {
	select {
	case w.full <- struct{}{}:
	default:
	}
}

// ProveLog searches the segments of the log, including what was appended in the meantime, for identities, and returns the number of segments.
func (w *Writer) ProveLog(gone []event.Anchor) (segments int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Each(w.catalog.Manifest().Seq, func(c *wal.Commit) error {
		for i := range c.Events {
			for _, id := range c.Events[i].Identities {
				if slices.Contains(gone, id.Anchor()) {
					return fmt.Errorf("the erased person is still in the log, commit %d", c.Seq)
				}
			}
		}
		return nil
	})
}

func unavailable(why string) error { return fmt.Errorf("%w: %s", store.ErrUnavailable, why) }
