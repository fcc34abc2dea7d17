// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// appendRows is the number of events that are appended at once.
const appendRows = 5000

// maxExamples bounds the refused rows that are shown.
const maxExamples = 5

// Filled tells what became of the rows of the files.
type Filled struct {
	// Rows read, Events made of them, Dropped by rules, Refused.
	Rows, Events, Dropped, Refused int64
	// Duplicates are events that the files have more than once: they count once.
	Duplicates int64
	// Examples of refused rows: where, which field and why.
	Examples []string
	// Newest is the time of the newest event, in microseconds.
	Newest int64
}

// filler brings rows into a store.
type filler struct {
	store store.Appender
	// specs of the sources that the manifests have; a source without one takes rows in the plain form.
	specs map[string]*v1alpha1.TouchpointSourceSpec
	// fallback is the source of rows that name none; empty when there are several to choose from.
	fallback string
	known    []string

	sources map[string]*ingest.Offline
	pending map[string][]event.Event
	out     Filled
}

func newFiller(s store.Appender, set *inputs, source string) *filler {
	f := &filler{
		store: s, specs: map[string]*v1alpha1.TouchpointSourceSpec{}, fallback: source,
		sources: map[string]*ingest.Offline{}, pending: map[string][]event.Event{},
	}
	for _, t := range set.sources {
		f.specs[t.Name] = &t.Spec
		f.known = append(f.known, t.Name)
	}
	slices.Sort(f.known)
	if f.fallback == "" && len(f.known) == 1 {
		f.fallback = f.known[0]
	}
	return f
}

// file takes the rows of one file.
func (f *filler) file(ctx context.Context, path string) error {
	err := eachRow(path, func(n int, row map[string]any) error {
		f.out.Rows++
		return f.row(ctx, fmt.Sprintf("%s:%d", path, n), row)
	})
	if err != nil {
		return err
	}
	names := make([]string, 0, len(f.pending))
	for name := range f.pending {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if err := f.flush(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) row(ctx context.Context, where string, row map[string]any) error {
	name, _ := row["source"].(string)
	if _, known := f.specs[name]; !known {
		name = f.fallback
	}
	if name == "" {
		return fmt.Errorf("%s: the row has no source: add a column \"source\" with one of %q, or --source", where, f.known)
	}
	source, err := f.source(name)
	if err != nil {
		return err
	}
	mapped := source.Map(row, func() (*event.Event, *reject.Rejection) { return plain.Event(row, where) })
	if mapped.Dropped {
		f.out.Dropped++
	}
	for _, r := range mapped.Rejected {
		f.out.Refused++
		if len(f.out.Examples) < maxExamples {
			f.out.Examples = append(f.out.Examples, where+": "+r.Error())
		}
	}
	for i := range mapped.Events {
		f.out.Newest = max(f.out.Newest, mapped.Events[i].Time)
	}
	f.out.Events += int64(len(mapped.Events))
	f.pending[name] = append(f.pending[name], mapped.Events...)
	if len(f.pending[name]) >= appendRows {
		return f.flush(ctx, name)
	}
	return nil
}

func (f *filler) source(name string) (*ingest.Offline, error) {
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
	f.sources[name] = s
	return s, nil
}

func (f *filler) flush(ctx context.Context, name string) error {
	if len(f.pending[name]) == 0 {
		return nil
	}
	appended, err := f.store.Append(ctx, store.Batch{Source: name, Events: f.pending[name], Counters: store.Counters{Accepted: int64(len(f.pending[name]))}})
	f.out.Duplicates += appended.Duplicates
	f.pending[name] = nil
	return err
}
