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
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// previewUID stands for the UID that an object has on a cluster.
const previewUID = "preview"

// Options of a preview.
type Options struct {
	// Manifests of maps and reports, and maybe of their store and sources.
	Manifests *manifest.Set
	// Events are the files with events.
	Events []File
	// Requests are the paths of files with one recorded HTTP request each, by themselves or as SOURCE=PATH.
	Requests []string
	// Source of rows that name none; needed when there are several sources.
	Source string
	// Text says what the files leave open, where a file has nothing of its own.
	Text Text
	// Rows that a table may have; 0 for as many as a status has.
	Rows int
	// AsOf is the time for which the job runs; when zero, the time of the newest event that is not ahead of Now. An asOf in a spec goes first.
	AsOf time.Time
	// Now is the clock; that of the machine when zero.
	Now time.Time
	// Log takes progress.
	Log *slog.Logger
}

// Preview is a store with the events of the files, ready to be asked.
type Preview struct {
	// Filled tells what became of the rows.
	Filled Filled

	rows  int
	in    *inputs
	asOf  time.Time
	dir   string
	store *embedded.Store
	log   *slog.Logger
}

// Object is a map or a report with the status that the operator would show, without conditions.
type Object struct {
	metav1.TypeMeta `json:",inline"`
	// Metadata has the name and the namespace.
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace,omitempty"`
	} `json:"metadata"`
	// Status is a JourneyMapStatus or a MetricReportStatus.
	Status any `json:"status,omitempty"`
}

// Open reads the events into a store in a temporary folder. Close removes it.
func Open(ctx context.Context, o Options) (p *Preview, err error) {
	if err := Check(o.Manifests); err != nil {
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
	in := p.in
	o.Now = cmp.Or(o.Now, time.Now()).UTC()
	f := newFiller(p.store, in, &o)
	for i := range o.Events {
		f.text = o.Events[i].text(o.Text)
		if err := f.file(ctx, o.Events[i].Name); err != nil {
			return p, err
		}
	}
	for _, path := range o.Requests {
		if err := f.request(ctx, path); err != nil {
			return p, err
		}
	}
	f.out.Notes = slices.Concat(f.out.Notes, f.names.notes(), f.names.unmet(in.maps), f.money.notes(), f.crowds.notes(), Advice(o.Manifests))
	f.out.sort()
	f.out.Notes = append(f.out.Notes, f.pointZeros()...)
	f.out.finish()
	p.Filled = f.out
	p.asOf = cmp.Or(o.AsOf, newest(&f.out, o.Now)).UTC()
	if f.out.Events == 0 {
		return p, noEvent(o.names(), &f.out)
	}
	return p, nil
}

// names of all files.
func (o *Options) names() (list []string) {
	for i := range o.Events {
		list = append(list, o.Events[i].Name)
	}
	return append(list, o.Requests...)
}

// newest gives the first whole second, as times of analysis are, at which no event lies ahead; it is now when all are ahead.
func newest(f *Filled, now time.Time) time.Time {
	if f.Events > 0 && f.Ahead == f.Events {
		return now.Truncate(time.Second)
	}
	return plan.WholeSecond(time.UnixMicro(f.Newest))
}

// openStore makes the empty store.
func openStore(o Options) (*Preview, error) {
	in, err := newInputs(o.Manifests)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "journeyman-preview-")
	if err != nil {
		return nil, err
	}
	p := &Preview{rows: o.Rows, in: in, dir: dir, log: o.Log}
	p.store, err = embedded.Open(embedded.Options{
		Dir: dir, Identity: identityPolicy(&in.store.Spec), MinFree: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// noEvent tells why files gave no event, so that the first row that was refused can be mended.
func noEvent(paths []string, f *Filled) error {
	switch {
	case f.Rows == 0:
		return fmt.Errorf("no event in %q: there is no row", paths)
	case len(f.Refusals) == 0:
		return fmt.Errorf("no event in %q: %s, of which rules dropped %d", paths, value.Counted(f.Rows, "row"), f.Dropped)
	}
	return fmt.Errorf("no event in %q: %d of %d rows refused, such as %s", paths, f.Refused, f.Rows, f.Refusals[0].Examples[0])
}

// identityPolicy is that of the store's spec.
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

// AsOf is the time for which the jobs run.
func (p *Preview) AsOf() time.Time { return p.asOf }

// Objects computes all maps, then all reports, in the order of the manifests.
func (p *Preview) Objects(ctx context.Context) ([]Object, error) {
	var out []Object
	var errs []error
	for _, m := range p.in.maps {
		doc := resources.MapDocument(m, p.in.store, p.in.sourcesOf(m))
		object, err := p.compute(ctx, &doc, m.TypeMeta)
		if err != nil {
			errs = append(errs, fmt.Errorf("JourneyMap %s: %w", m.Name, err))
			continue
		}
		out = append(out, object)
	}
	for _, r := range p.in.reports {
		m := p.in.mapOf(r)
		doc := resources.ReportDocument(r, m, p.in.store, p.in.sourcesOf(m))
		object, err := p.compute(ctx, &doc, r.TypeMeta)
		if err != nil {
			errs = append(errs, fmt.Errorf("MetricReport %s: %w", r.Name, err))
			continue
		}
		out = append(out, object)
	}
	return out, errors.Join(errs...)
}

// compute runs the job of one object. Its clock stands still, so that equal inputs give equal outputs.
func (p *Preview) compute(ctx context.Context, doc *podconfig.Analysis, kind metav1.TypeMeta) (o Object, err error) {
	doc.UID = previewUID
	run := &analysis.Run{
		Document: doc, Scheduled: p.asOf, Job: "preview", Rows: p.rows, Store: p.store, File: true,
		Now: func() time.Time { return p.asOf }, Log: p.log,
	}
	o.TypeMeta = kind
	o.Metadata.Name, o.Metadata.Namespace = doc.Name, doc.Namespace
	o.Status, err = run.Compute(ctx)
	return o, err
}

// List gives what a list of the customers of a map is read from; its stage is left open.
func (p *Preview) List(name string) (store.Scanner, analysis.ListRequest, error) {
	for _, m := range p.in.maps {
		if m.Name != name {
			continue
		}
		doc := resources.MapDocument(m, p.in.store, p.in.sourcesOf(m))
		doc.UID = previewUID
		return p.store, analysis.ListRequest{Document: &doc, File: true, Now: func() time.Time { return p.asOf }, Log: p.log}, nil
	}
	return nil, analysis.ListRequest{}, fmt.Errorf("the manifests have no JourneyMap %q", name)
}
