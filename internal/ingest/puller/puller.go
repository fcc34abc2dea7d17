// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package puller

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Options of a runner. Zero values mean the defaults.
type Options struct {
	// Memory that batches share with requests.
	Memory *budget.Budget
	// Pod is the name of this process.
	Pod string
	// AppendTimeout limits one append. The default is 10 s.
	AppendTimeout time.Duration
	// FirstPause and LongestPause are the shortest and the longest time between two attempts to open a reader; the time doubles with each failure. The
	// defaults are 0.5 s and 30 s. Between two attempts of an append it is at most HoldEvery.
	FirstPause, LongestPause time.Duration
	// HoldEvery is the longest time between two calls of Hold. The default is 5 s.
	HoldEvery time.Duration
	// Now is the clock.
	Now func() time.Time
	// Observe is called for every append, and Stored for every batch that is durable; both can be nil.
	Observe func(events int, took time.Duration, a store.Appended, err error)
	Stored  func(events []event.Event, c store.Counters)
	Log     *slog.Logger
}

func (o *Options) setDefaults() {
	for d, v := range map[*time.Duration]time.Duration{
		&o.AppendTimeout: 10 * time.Second, &o.FirstPause: 500 * time.Millisecond, &o.LongestPause: 30 * time.Second, &o.HoldEvery: 5 * time.Second,
	} {
		if *d == 0 {
			*d = v
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Observe == nil {
		o.Observe = func(int, time.Duration, store.Appended, error) {}
	}
	if o.Stored == nil {
		o.Stored = func([]event.Event, store.Counters) {}
	}
}

// Runner runs the reader of the current snapshot. Use New.
type Runner struct {
	o Options

	mu      sync.Mutex
	current *pipeline.Snapshot
	// changed is closed when there is a new snapshot.
	changed chan struct{}
	state   State
	reader  pull.Reader
	// openedAt is when the reader was opened.
	openedAt time.Time
	// former is the problem of the source that ended last, at formerEnd. recurs is set if the present one continues it.
	former    Problem
	formerEnd time.Time
	recurs    bool
}

// New returns a runner that reads nothing until Use is called.
func New(o Options) *Runner {
	o.setDefaults()
	return &Runner{o: o, changed: make(chan struct{})}
}

// Use makes a snapshot the current one. The reader stays open, and keeps its position, unless what it needs has changed. The batch in hand is
// finished with the previous snapshot.
func (r *Runner) Use(s *pipeline.Snapshot) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.current = s
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Runner) snapshot() (*pipeline.Snapshot, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current, r.changed
}

// Run reads until ctx ends. The batch in hand is then finished if the store accepts it at once, and otherwise dropped as a whole.
func (r *Runner) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		s, changed := r.snapshot()
		if !s.Reads() {
			r.waits(s)
			await(ctx, changed, nil)
			continue
		}
		stored, err := r.session(ctx, s)
		if stored {
			failures = 0
		}
		if err == nil {
			continue
		}
		if errors.Is(err, store.ErrCursorMoved) {
			err = &pull.Error{Reason: pull.Replaced, Message: "another pod reads the same partition; this one reads the positions again", Cause: err}
		}
		if ctx.Err() == nil {
			r.failed(err)
		}
		pause := time.NewTimer(r.pause(failures))
		await(ctx, changed, pause.C)
		pause.Stop()
		failures++
	}
	r.ended()
}

// pause returns the time before the next attempt.
func (r *Runner) pause(failures int) time.Duration {
	return min(r.o.FirstPause<<min(failures, 16), r.o.LongestPause)
}

// await returns when ctx ends or one of the channels is ready.
func await(ctx context.Context, changed <-chan struct{}, timer <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer:
	}
}
