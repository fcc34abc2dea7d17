// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/input"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// previewUID replaces the UID of an object on a cluster.
const previewUID = "preview"

// Options of a preview.
type Options struct {
	// Manifests of maps and reports, and optionally of their store and sources.
	Manifests *manifest.Set
	// Events are the files with events.
	Events []fill.File
	// Requests are the paths of files with one recorded HTTP request each, alone or as SOURCE=PATH.
	Requests []string
	// Source of rows without a source; required if there are several sources.
	Source string
	// Text holds the settings of files without settings of their own.
	Text fill.Text
	// Rows is the number of rows of a table; 0 for the limit of a status.
	Rows int

	// AsOf is the time for which the job runs. If zero, it is the time of the latest event that is not ahead of Now. An asOf in a spec takes precedence.
	AsOf time.Time
	// Now is the clock; if zero, that of the machine.
	Now time.Time
	// WithoutMap only stores the events: the manifests need no map.
	WithoutMap bool
	// Log for progress.
	Log *slog.Logger
}

// Preview is a store with the events of the files.
type Preview struct {
	// Filled describes what happened to the rows.
	Filled fill.Result

	rows  int
	in    *input.Manifests
	asOf  time.Time
	dir   string
	store *embedded.Store
	log   *slog.Logger
}

// Open reads the events into a store in a temporary folder. Close removes it.
func Open(ctx context.Context, o Options) (p *Preview, err error) {
	if err := review.Check(o.Manifests); err != nil {
		return nil, err
	}
	p, err = openStore(o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	o.Now = cmp.Or(o.Now, time.Now()).UTC()
	if p.Filled, err = o.fill(ctx, p); err != nil {
		return p, err
	}
	p.asOf = cmp.Or(o.AsOf, newest(&p.Filled, o.Now)).UTC()
	if p.Filled.Events == 0 {
		return p, noEvent(o.names(), &p.Filled)
	}
	return p, nil
}

// fill reads all files and requests, and returns what happened to them.
func (o *Options) fill(ctx context.Context, p *Preview) (fill.Result, error) {
	ahead := o.Now.Add(time.Duration(event.MaxAhead) * time.Microsecond)
	if o.AsOf.After(ahead) {
		ahead = o.AsOf
	}
	f := fill.New(p.store, p.in, fill.Options{Source: o.Source, Text: o.Text, Latest: ahead})
	for i := range o.Events {
		if err := f.File(ctx, o.Events[i]); err != nil {
			return fill.Result{}, err
		}
	}
	for _, path := range o.Requests {
		if err := f.Request(ctx, path); err != nil {
			return fill.Result{}, err
		}
	}
	out := f.Done()
	out.Notes = append(out.Notes, review.Advice(o.Manifests)...)
	return out, nil
}

// names returns the names of all files.
func (o *Options) names() (list []string) {
	for i := range o.Events {
		list = append(list, o.Events[i].Name)
	}
	return append(list, o.Requests...)
}

// newest returns the first whole second at which no event is ahead, because times of analysis are whole seconds. If all events are ahead, it returns now.
func newest(f *fill.Result, now time.Time) time.Time {
	if f.Events > 0 && f.Ahead == f.Events {
		return now.Truncate(time.Second)
	}
	return plan.WholeSecond(time.UnixMicro(f.Newest))
}

// openStore opens an empty store.
func openStore(o Options) (*Preview, error) {
	complete := input.Complete
	if o.WithoutMap {
		complete = input.Sources
	}
	in, err := complete(o.Manifests)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "journeyman-preview-")
	if err != nil {
		return nil, err
	}
	p := &Preview{rows: o.Rows, in: in, dir: dir, log: o.Log}
	p.store, err = embedded.Open(embedded.Options{
		Dir: dir, Identity: identityPolicy(&in.Store.Spec), MinFree: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// noEvent explains why files contained no event, so that users can fix the first refused row.
func noEvent(paths []string, f *fill.Result) error {
	switch {
	case f.Rows == 0:
		return fmt.Errorf("no event in %q: there is no row", paths)
	case len(f.Refusals) == 0:
		return fmt.Errorf("no event in %q: %s, of which rules dropped %d", paths, value.Counted(f.Rows, "row"), f.Dropped)
	}
	return fmt.Errorf("no event in %q: %d of %d rows refused, such as %s", paths, f.Refused, f.Rows, f.Refusals[0].Examples[0])
}

// identityPolicy returns the policy of the store's spec.
func identityPolicy(spec *v1alpha1.EventStoreSpec) identity.Policy {
	if spec.Identity == nil {
		return identity.NewPolicy(nil)
	}
	return identity.NewPolicy(spec.Identity.MaxLinks)
}

// Close removes the store.
func (p *Preview) Close() error {
	var err error
	if p.store != nil {
		err = p.store.Close()
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

// Events returns the store with the events.
func (p *Preview) Events() store.Scanner { return p.store }

// AsOf returns the time for which the jobs run.
func (p *Preview) AsOf() time.Time { return p.asOf }
