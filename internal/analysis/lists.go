// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/funnel"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// ListRequest selects the customers to list.
type ListRequest struct {
	// Document of the map or report, in the generation of the record.
	Document *podconfig.Analysis
	// Record and AsOf of the run whose numbers the list explains. The list is computed for the same time, commit and identity version. Without a record,
	// it is computed for now.
	Record *v1alpha1.AnalysisRecord
	AsOf   *metav1.Time
	// Stage is the name of the stage, for all orders except Any. Depth is a number of stages from 1, for the order Any.
	Stage string
	Depth int
	// Dropped lists those who reached the stage but no further one, instead of all who reached it.
	Dropped bool
	// File is the same as in Run.
	File bool
	// Now is the clock.
	Now func() time.Time
	// Log for progress.
	Log *slog.Logger
}

// Listed is one customer of a list.
type Listed struct {
	// Identities of the customer in the events of the run, strongest first, hashed if the privacy policy requires it; at most MaxListed. They are the
	// strongest identity of each event, and all identities in events of trusted sources.
	Identities []event.Identity
	// Claimed are further identities in events of public sources. Anybody can send these under anybody's name, so they can belong to somebody else. At
	// most MaxListed.
	Claimed []event.Identity
	// More is set if there are further ones.
	More bool
	// Unit is the value that is counted, if persons are not.
	Unit string
	// Entry of the attempt that counts.
	Entry time.Time
}

// ListResult describes a list.
type ListResult struct {
	// Customers is the number of listed customers.
	Customers int64
	// Period of the attempts.
	Period *v1alpha1.ResultPeriod
	// Note explains why there are no mature attempts. It is empty if there are.
	Note string
}

// MaxListed is the number of identities that are listed for one customer.
const MaxListed = 50

// List calls each for every customer who reached a stage, or dropped off after it, and returns their number, which equals that in the run's status.
// If entries are counted, a customer occurs once for each. Customers are in the order of the scan. If each returns an error, the list ends. Other
// errors are those of a run. One that wraps store.ErrSnapshotGone means that the run's state can no longer be read, for example because of an
// erasure.
func List(ctx context.Context, s store.Scanner, r ListRequest, each func(Listed) error) (out ListResult, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	people := &identified{Scanner: s, known: map[uint64]*Listed{}, public: map[string]bool{}}
	doc, err := r.pinned()
	if err != nil {
		return out, err
	}
	if r.Record != nil {
		people.seq, people.version = r.Record.Seq, r.Record.IdentityVersion
	}
	var failed error
	run := &Run{File: r.File, Document: doc, Scheduled: r.Now(), Store: people, Now: r.Now, Log: r.Log}
	member, err := r.member()
	if err != nil {
		return out, err
	}
	run.Each = func(v *metric.View, _ [][]breakdown.Placement) {
		who := people.take(v.Person.ID)
		who.Unit = v.Person.Unit
		for i := range v.Attempts {
			if a := &v.Attempts[i].Attempt; failed == nil && member(a) {
				out.Customers++
				who.Entry = time.UnixMicro(a.Entry).UTC()
				if failed = each(*who); failed != nil {
					cancel(failed)
				}
			}
		}
	}
	found, err := run.compute(ctx)
	if failed != nil {
		return out, failed
	}
	if err != nil {
		return out, err
	}
	out.Period, out.Note = found.Period(0), found.Note()
	out.Period.EventsFrom, out.Period.EventsTo = nil, nil // only attempts are listed
	return out, r.agrees(found.Engine.Evaluations()[0].Funnel, out.Customers)
}

// pinned returns the document with the time of analysis of the record.
func (r *ListRequest) pinned() (*podconfig.Analysis, error) {
	doc, record := r.Document, r.Record
	if record == nil {
		return doc, nil
	}
	if r.AsOf == nil || record.Seq == 0 {
		return nil, fmt.Errorf("%w: the results name no state of the store", plan.ErrConfig)
	}
	if record.UID != doc.UID || record.Generation != doc.Generation {
		return nil, fmt.Errorf("%w: the results have generation %d, the document has %d", plan.ErrConfig, record.Generation, doc.Generation)
	}
	pin := func(a *v1alpha1.Analysis) *v1alpha1.Analysis {
		if a = a.DeepCopy(); a == nil {
			a = &v1alpha1.Analysis{}
		}
		a.AsOf = r.AsOf
		return a
	}
	out := *doc
	if out.Report != nil {
		out.Report = out.Report.DeepCopy()
		out.Report.Analysis = pin(out.Report.Analysis)
	} else {
		out.Map.Analysis = pin(out.Map.Analysis)
	}
	return &out, nil
}

// member returns a function that reports whether an attempt belongs to the list.
func (r *ListRequest) member() (func(*journey.Attempt) bool, error) {
	stages := r.Document.Map.Stages
	if r.Document.Map.Progression.Order == v1alpha1.AnyOrder {
		if r.Depth < 1 || r.Depth > len(stages) || r.Stage != "" {
			return nil, fmt.Errorf("%w: with the order Any, stages have no order: give a number of stages from 1 to %d", plan.ErrConfig, len(stages))
		}
		last := r.Depth == len(stages)
		return func(a *journey.Attempt) bool {
			wentOn := last || a.Depth() > r.Depth
			return a.Depth() >= r.Depth && (!r.Dropped || !wentOn)
		}, nil
	}
	stage := r.stage()
	if stage < 0 || r.Depth != 0 {
		return nil, fmt.Errorf("%w: the map has no stage %q", plan.ErrConfig, r.Stage)
	}
	last := stage == len(stages)-1
	return func(a *journey.Attempt) bool {
		wentOn := last || a.Stages>>(stage+1) != 0
		return a.Has(stage) && (!r.Dropped || !wentOn)
	}, nil
}

func (r *ListRequest) stage() int {
	for i, s := range r.Document.Map.Stages {
		if string(s.Name) == r.Stage {
			return i
		}
	}
	return -1
}

// agrees compares the length of the list with the number in the funnel.
func (r *ListRequest) agrees(f *funnel.Funnel, listed int64) error {
	at := r.stage()
	if r.Depth > 0 {
		at = r.Depth - 1
	}
	_, want, wentOn := f.Step(at)
	if r.Dropped {
		want -= wentOn
	}
	if listed != want {
		return fmt.Errorf("the list has %d customers, the funnel %d", listed, want)
	}
	return nil
}

// identified is a store whose scans are pinned, and that records the identities of the persons in them.
type identified struct {
	store.Scanner
	seq, version int64
	// public sources of the store.
	public map[string]bool
	// known holds the persons that were read and not taken yet, in the order of the scan: those of a batch, and the previous one.
	known map[uint64]*Listed
	order []uint64
}

// State records which sources are public.
func (p *identified) State(ctx context.Context) (store.State, error) {
	state, err := p.Scanner.State(ctx)
	for _, s := range state.Sources {
		p.public[s.Name] = s.Public
	}
	return state, err
}

// Scan also requests identities and sources.
func (p *identified) Scan(ctx context.Context, r store.ScanRequest) (store.Scan, error) {
	r.Columns = append(r.Columns, store.ColumnIdentities)
	if !slices.Contains(r.Columns, store.ColumnSource) {
		r.Columns = append(r.Columns, store.ColumnSource)
	}
	r.AsOfSeq, r.IdentityVersion = p.seq, p.version
	scan, err := p.Scanner.Scan(ctx, r)
	if err != nil {
		return nil, err
	}
	return &identifiedScan{Scan: scan, people: p}, nil
}

// take returns the identities of a person, and forgets them and those of earlier persons that were never taken.
func (p *identified) take(id uint64) *Listed {
	for len(p.order) > 0 && p.known[id] != nil {
		first := p.order[0]
		p.order = p.order[1:]
		who := p.known[first]
		delete(p.known, first)
		if first == id {
			who.settle()
			return who
		}
	}
	return &Listed{}
}

// errIdentities means that a store did not return the requested columns.
var errIdentities = errors.New("scan: the store returns no identities")
