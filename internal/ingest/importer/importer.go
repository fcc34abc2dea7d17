// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package importer stores the records of exported files. The pod of the source maps and stores them, as it does with documents that are sent. A client
// reads the file somewhere else, such as on the machine of the person who imports it, and sends its records to the pod (see Serve and Client).
package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// batchRecords and batchBytes are the size of one append.
	batchRecords = 1000
	batchBytes   = 4 << 20
	// patience is how long the store can be away before an import ends with an error.
	patience = 2 * time.Minute
)

// Options of an import.
type Options struct {
	// Snapshot is the configuration of the source, with its store.
	Snapshot *pipeline.Snapshot
	// File is the name of the file, for rules that use it. Import is the id by which the import can be removed.
	File, Import string
	// DryRun maps and stores nothing.
	DryRun bool
	// Now is the clock.
	Now func() time.Time
	// Waiting is called before a pause, with the reason why the store does not accept the records; it can be nil. An error of it ends the import.
	Waiting func(why string) error
	// Patience is how long the store can be away. The default is 2 minutes.
	Patience time.Duration
}

// Importer stores records. It is used by one goroutine.
type Importer struct {
	o       Options
	result  Result
	limiter *rate.Limiter
	// waiting records are not mapped yet; bytes is their size, as far as it is known.
	waiting []record.Record
	bytes   int
}

// New returns an importer. The error says what the source lacks.
func New(o Options) (*Importer, error) {
	s := o.Snapshot
	switch {
	case s.Config.Source.Transport.Files == nil:
		return nil, fmt.Errorf("the source %s takes no files: its transport is %s. Create a source with spec.transport.files", s.Config.Name, s.Kind)
	case s.Rules == nil:
		return nil, fmt.Errorf("the source %s has no rules: set spec.mapping or spec.preset", s.Config.Name)
	case s.PepperMissing:
		return nil, errors.New(s.Problem)
	case s.Suspended() && !o.DryRun:
		return nil, fmt.Errorf("the source %s is suspended: set spec.suspend to false", s.Config.Name)
	}
	if o.Patience == 0 {
		o.Patience = patience
	}
	limit := rate.Inf
	if l := s.Config.Source.Limits; l != nil && l.MaxEventsPerSecond != nil {
		limit = rate.Limit(*l.MaxEventsPerSecond)
	}
	return &Importer{o: o, limiter: rate.NewLimiter(limit, batchRecords)}, nil
}

// Result returns what became of the records so far.
func (i *Importer) Result() *Result { return &i.result }

// Add takes the next record, and its size in bytes, and stores the records that wait if they fill an append. It reports whether it has.
func (i *Importer) Add(ctx context.Context, r *record.Record, size int) (stored bool, err error) {
	i.waiting = append(i.waiting, *r)
	if i.bytes += size; len(i.waiting) < batchRecords && i.bytes < batchBytes {
		return false, nil
	}
	return true, i.Flush(ctx)
}

// Flush stores the records that wait.
func (i *Importer) Flush(ctx context.Context) error {
	if !i.o.DryRun {
		if err := i.limiter.WaitN(ctx, len(i.waiting)); err != nil {
			return err
		}
	}
	for most := len(i.waiting); len(i.waiting) > 0; {
		n, err := i.part(ctx, min(most, len(i.waiting)))
		if errors.Is(err, store.ErrInvalid) {
			// The store refuses an event for good. Halves find it, so that it costs its record and nothing else.
			if most = min(most, len(i.waiting)) / 2; most > 0 {
				continue
			}
			n, err = 1, i.refuse(ctx)
		}
		if err != nil {
			return err
		}
		i.waiting = i.waiting[n:]
		most = max(most, len(i.waiting))
	}
	i.waiting, i.bytes = nil, 0
	return nil
}

// part stores the first of the waiting records, at most so many, and as many as fit into one append. It returns their number.
func (i *Importer) part(ctx context.Context, most int) (int, error) {
	settings := i.o.Snapshot.Config.Source.Transport.Files
	candidates := make([]transport.Candidate, most)
	for n := range candidates {
		candidates[n] = i.waiting[n].Candidate(i.o.File, settings.TimeZone, settings.Currency)
	}
	p := pipeline.ProcessPart(i.o.Snapshot, i.o.Now(), candidates, nil)
	counters := p.Counters
	counters.Accepted = int64(len(p.Events))
	appended, err := i.append(ctx, p.Events, counters)
	if err != nil {
		return 0, fmt.Errorf("storing the records from %s to %s: %w", i.waiting[0].Where(), i.waiting[len(p.Ends)-1].Where(), err)
	}
	i.count(&p, &appended)
	return len(p.Ends), nil
}

// refuse counts the first record as refused by the store.
func (i *Importer) refuse(ctx context.Context) error {
	r := reject.New(reject.StoreRefused, "", "the store refuses an event of the record as invalid")
	var c store.Counters
	batch.Count(&c, r)
	if _, err := i.append(ctx, nil, c); err != nil {
		return err
	}
	i.count(&pipeline.Part{
		Outcome: pipeline.Outcome{Counters: c, Refused: 1, Rejected: []transport.Refusal{{Rejection: r}}}, Ends: []int{0},
	}, &store.Appended{})
	return nil
}

// firstPause and longestPause are the shortest and the longest time between two attempts of an append.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Second
	// appendTimeout limits one attempt.
	appendTimeout = 30 * time.Second
)

// append appends until the store accepts the events or refuses them for good. After an append whose answer was lost, its events are known.
func (i *Importer) append(ctx context.Context, events []event.Event, c store.Counters) (store.Appended, error) {
	if i.o.DryRun || len(events) == 0 && c.Empty() {
		return store.Appended{}, nil
	}
	to := i.o.Snapshot.Target()
	b := store.Batch{Source: to.Source, Trust: to.Trust, Events: events, Counters: c, Import: i.o.Import}
	for began, pause := time.Now(), firstPause; ; pause = min(2*pause, longestPause) {
		within, cancel := context.WithTimeout(ctx, appendTimeout)
		done, err := to.Store.Append(within, b)
		cancel()
		if err == nil || errors.Is(err, store.ErrInvalid) || ctx.Err() != nil {
			return done, err
		}
		why := reasonOf(err)
		if time.Since(began) > i.o.Patience {
			return done, fmt.Errorf("%s: %w", why, err)
		}
		if i.o.Waiting != nil {
			if err := i.o.Waiting(why); err != nil {
				return done, err
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return done, ctx.Err()
		case <-timer.C:
		}
	}
}

// reasonOf says why the store does not accept records, and what to do.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, store.ErrFull):
		return "the store is full: see the condition StorageHealthy of the EventStore"
	case errors.Is(err, store.ErrCrowded):
		return "the store has no memory for new identities: raise the memory of the EventStore"
	case errors.Is(err, store.ErrHeld):
		return "a load that is being committed has some of the same events: wait until it has ended"
	case errors.Is(err, store.ErrUnauthorized):
		return "the store does not know the key of this source yet"
	}
	return "the store is not available"
}
