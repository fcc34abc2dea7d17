// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package importer maps and stores the records of exported files, as the pod of a source does it with documents that are sent.
package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/files/settings"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// batchRecords is the number of records of one append, unless they need too much memory.
	batchRecords = 1000
	// maxRefusals is the number of refused records that a result lists.
	maxRefusals = 100
)

// Options of an import.
type Options struct {
	// Snapshot is the configuration of the source, with its store.
	Snapshot *pipeline.Snapshot
	// Settings are those of the files.
	Settings *settings.Files
	// File is the name of the file, for rules that use it. Import is the id by which the import can be removed.
	File, Import string
	// DryRun maps and stores nothing.
	DryRun bool
	// Now is the clock.
	Now func() time.Time
	// Progress is called after each append; it can be nil.
	Progress func(*Result) error
}

// Result is what became of the records so far.
type Result struct {
	// Position of the last record whose events are durable.
	Position int64 `json:"position"`
	// Records that were read; Stored are their new events, and Known those that were stored before. In a dry run, all events are Stored.
	Records int64 `json:"records"`
	Stored  int64 `json:"stored"`
	Known   int64 `json:"known"`
	// Dropped records were left out on purpose; Refused ones are invalid, by reason.
	Dropped int64            `json:"dropped"`
	Refused int64            `json:"refused"`
	Reasons map[string]int64 `json:"reasons,omitempty"`
	// Expired events are older than the retention of the store, and Erased ones belong to erased persons: both are not stored.
	Expired int64 `json:"expired,omitempty"`
	Erased  int64 `json:"erased,omitempty"`
	// Refusals lists the first refused records.
	Refusals []Refusal `json:"refusals,omitempty"`
}

// Refusal is a record that was refused.
type Refusal struct {
	// Where is its line, with the member of an archive.
	Where string `json:"where"`
	*reject.Rejection
}

// Importer stores records. It is used by one goroutine.
type Importer struct {
	o      Options
	result Result
	// waiting records are not mapped yet.
	waiting []export.Record
}

// New returns an importer. The error says what the source lacks.
func New(o Options) (*Importer, error) {
	s := o.Snapshot
	switch {
	case s.Rules == nil:
		return nil, fmt.Errorf("the source %s has no rules: set spec.mapping or spec.preset", s.Config.Name)
	case s.PepperMissing:
		return nil, errors.New(s.Problem)
	case s.Suspended() && !o.DryRun:
		return nil, fmt.Errorf("the source %s is suspended: set spec.suspend to false", s.Config.Name)
	}
	return &Importer{o: o}, nil
}

// Result returns what became of the records so far.
func (i *Importer) Result() *Result { return &i.result }

// Add takes the next record.
func (i *Importer) Add(ctx context.Context, r *export.Record) error {
	i.waiting = append(i.waiting, *r)
	if len(i.waiting) < batchRecords {
		return nil
	}
	return i.Flush(ctx)
}

// Flush stores the records that wait.
func (i *Importer) Flush(ctx context.Context) error {
	for len(i.waiting) > 0 {
		n, err := i.part(ctx)
		if err != nil {
			return err
		}
		i.waiting = i.waiting[n:]
	}
	i.waiting = nil
	if i.o.Progress != nil {
		return i.o.Progress(&i.result)
	}
	return nil
}

// part stores the first of the waiting records, and returns their number.
func (i *Importer) part(ctx context.Context) (int, error) {
	candidates := make([]transport.Candidate, len(i.waiting))
	for n := range i.waiting {
		candidates[n] = i.waiting[n].Candidate(i.o.File, i.o.Settings.TimeZone, i.o.Settings.Currency)
	}
	p := pipeline.ProcessPart(i.o.Snapshot, i.o.Now(), candidates, nil)
	to := i.o.Snapshot.Target()
	b := store.Batch{Source: to.Source, Trust: to.Trust, Events: p.Events, Counters: p.Counters, Import: i.o.Import}
	b.Counters.Accepted = int64(len(p.Events))
	appended := store.Appended{}
	if !i.o.DryRun && (len(p.Events) > 0 || !p.Counters.Empty()) {
		var err error
		if appended, err = to.Store.Append(ctx, b); err != nil {
			return 0, fmt.Errorf("storing the records up to %s: %w", i.waiting[len(p.Ends)-1].Where(), err)
		}
	}
	i.count(&p, &appended)
	return len(p.Ends), nil
}

// count adds a part to the result.
func (i *Importer) count(p *pipeline.Part, a *store.Appended) {
	r := &i.result
	n := len(p.Ends)
	r.Position = i.waiting[n-1].Position
	r.Records += int64(n)
	r.Known += a.Duplicates
	r.Expired += a.Expired
	r.Erased += a.Erased
	r.Stored += int64(len(p.Events)) - a.Duplicates - a.Expired - a.Erased
	r.Dropped += p.Counters.Dropped
	r.Refused += p.Refused
	for reason, c := range p.Counters.Rejected {
		if r.Reasons == nil {
			r.Reasons = map[string]int64{}
		}
		r.Reasons[reason] += c.Count
	}
	for _, x := range p.Rejected {
		if len(r.Refusals) < maxRefusals {
			r.Refusals = append(r.Refusals, Refusal{Where: i.waiting[x.Index].Where(), Rejection: x.Rejection})
		}
	}
}
