// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Objects computes all maps, then all reports, in the order of the manifests.
func (p *Preview) Objects(ctx context.Context) ([]output.Object, error) {
	var out []output.Object
	var errs []error
	for _, m := range p.in.Maps {
		doc := resources.MapDocument(m, p.in.Store, p.in.SourcesOf(m))
		object, err := p.compute(ctx, &doc, m.TypeMeta)
		if err != nil {
			errs = append(errs, fmt.Errorf("JourneyMap %s: %w", m.Name, err))
			continue
		}
		out = append(out, object)
	}
	for _, r := range p.in.Reports {
		m := p.in.MapOf(r)
		doc := resources.ReportDocument(r, m, p.in.Store, p.in.SourcesOf(m))
		object, err := p.compute(ctx, &doc, r.TypeMeta)
		if err != nil {
			errs = append(errs, fmt.Errorf("MetricReport %s: %w", r.Name, err))
			continue
		}
		out = append(out, object)
	}
	return out, errors.Join(errs...)
}

// compute runs the job of one object. Its clock is fixed, so that equal inputs give equal outputs.
func (p *Preview) compute(ctx context.Context, doc *podconfig.Analysis, kind metav1.TypeMeta) (o output.Object, err error) {
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

// List returns the store and the request for a list of the customers of a map. The caller sets the stage.
func (p *Preview) List(name string) (store.Scanner, analysis.ListRequest, error) {
	for _, m := range p.in.Maps {
		if m.Name != name {
			continue
		}
		doc := resources.MapDocument(m, p.in.Store, p.in.SourcesOf(m))
		doc.UID = previewUID
		return p.store, analysis.ListRequest{Document: &doc, File: true, Now: func() time.Time { return p.asOf }, Log: p.log}, nil
	}
	return nil, analysis.ListRequest{}, fmt.Errorf("the manifests have no JourneyMap %q", name)
}
