// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fill stores the rows of files and recorded requests as the pods of their sources would, and reports what happened to them.
package fill

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
	"github.com/journeyman-dev/journeyman/internal/preview/notice"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// appendRows is the number of events that are appended at once.
const appendRows = 5000

// Filler stores rows.
type Filler struct {
	store store.Appender
	// specs of the sources in the manifests. A source without one reads rows in the plain form.
	specs map[string]*v1alpha1.TouchpointSourceSpec
	// fallback is the source of rows without a source; empty if there are several to choose from. chosen is set if it was requested, made if the
	// manifests have no sources at all.
	fallback     string
	chosen, made bool
	// text holds the settings of files.
	text Text
	// latest is the latest time, in microseconds, of an event that is not ahead.
	latest int64
	known  []string

	// set are the manifests.
	set *input.Manifests
	// nobody are the placeholders of the store.
	nobody []v1alpha1.Placeholder
	// privacy is the store's policy; nil for none.
	privacy *v1alpha1.PrivacyPolicy

	sources map[string]*ingest.Offline
	pending map[string][]event.Event
	strange map[string]int64
	watch   *notice.Watch
	out     Result
}

// Options of a filler.
type Options struct {
	// Source of rows without a source; required if there are several sources.
	Source string
	// Text holds the settings of files without settings of their own.
	Text Text
	// Latest is the latest time of an event that is not ahead.
	Latest time.Time
}

// New returns a filler for a store, with the sources of the manifests.
func New(s store.Appender, set *input.Manifests, o Options) *Filler {
	f := &Filler{
		store: s, set: set, specs: map[string]*v1alpha1.TouchpointSourceSpec{}, fallback: o.Source, chosen: o.Source != "", made: set.MadeUp,
		text: o.Text, latest: o.Latest.UnixMicro(), sources: map[string]*ingest.Offline{},
		pending: map[string][]event.Event{}, strange: map[string]int64{}, watch: notice.NewWatch(set),
	}
	f.privacy = set.Store.Spec.Privacy
	if set.Store.Spec.Identity != nil {
		f.nobody = set.Store.Spec.Identity.Placeholders
	}
	for _, t := range set.Sources {
		f.specs[t.Name] = &t.Spec
		f.known = append(f.known, t.Name)
	}
	slices.Sort(f.known)
	if f.fallback == "" && len(f.known) == 1 {
		f.fallback = f.known[0]
	}
	return f
}

// Done returns what happened to all rows, with notes.
func (f *Filler) Done() Result {
	f.out.Notes = append(f.out.Notes, f.watch.Notes()...)
	f.out.sort()
	f.out.finish()
	return f.out
}

// time records the time of an event. An event that is ahead does not count for the newest time.
func (f *Filler) time(where string, e *event.Event) {
	if e.Time <= f.latest {
		f.out.Newest = max(f.out.Newest, e.Time)
		return
	}
	e.Flags |= event.FlagFuture
	if f.out.Ahead++; f.out.Ahead == 1 {
		f.out.FirstAhead = where + ", of " + time.UnixMicro(e.Time).UTC().Format(time.RFC3339)
	}
}

// take counts what happened to a row, and stores its events in batches.
func (f *Filler) take(ctx context.Context, where, source string, mapped *ingest.Mapped) error {
	f.out.Placeholders += mapped.Placeholders
	for field, n := range mapped.Nothings {
		if f.out.Nothings == nil {
			f.out.Nothings = map[string]int64{}
		}
		f.out.Nothings[field] += n
	}
	f.out.PlaceholderIDs += mapped.PlaceholderIDs
	if mapped.Dropped {
		f.out.Dropped++
	}
	for _, r := range mapped.Rejected {
		f.out.refuse(where, r)
	}
	for i := range mapped.Events {
		f.time(where, &mapped.Events[i])
		f.watch.Saw(&mapped.Events[i])
		if mapped.Events[i].Flags&event.FlagUnidentified != 0 {
			f.out.Unidentified++
		}
	}
	f.out.Events += int64(len(mapped.Events))
	f.pending[source] = append(f.pending[source], mapped.Events...)
	if len(f.pending[source]) >= appendRows {
		return f.flush(ctx, source)
	}
	return nil
}

func (f *Filler) source(name string) (*ingest.Offline, error) {
	if s := f.sources[name]; s != nil {
		return s, nil
	}
	spec := f.specs[name]
	if spec == nil {
		spec = &v1alpha1.TouchpointSourceSpec{}
	}
	if spec.Channel == "" {
		spec = spec.DeepCopy()
		spec.Channel = "web"
	}
	s, err := ingest.NewOffline(name, spec)
	if err != nil {
		return nil, fmt.Errorf("TouchpointSource %s: %w", name, err)
	}
	s.Nobody(f.nobody)
	s.Hide(f.privacy)
	f.sources[name] = s
	return s, nil
}

func (f *Filler) flush(ctx context.Context, name string) error {
	if len(f.pending[name]) == 0 {
		return nil
	}
	batch := store.Batch{Source: name, Events: f.pending[name], Counters: store.Counters{Accepted: int64(len(f.pending[name]))}}
	if spec := f.specs[name]; spec != nil {
		batch.Trust = &store.Trust{Public: spec.EffectiveTrust() == v1alpha1.Public}
	}
	appended, err := f.store.Append(ctx, batch)
	f.out.Duplicates += appended.Duplicates
	f.pending[name] = nil
	return err
}
