// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// outcome is all that one run found out.
type outcome struct {
	// ofMap or report is the status that was written.
	ofMap  *v1alpha1.JourneyMapStatus
	report *v1alpha1.MetricReportStatus

	doc     *podconfig.Analysis
	plan    *plan
	engine  *engine.Engine
	scanned scanned
	// duplicates that the store has refused from the map's sources since they exist.
	duplicates int64
	scheduled  time.Time
	started    time.Time
	completed  time.Time
	job        string
	// runAt is the request that the run answers; see StatusWriter.RunAt.
	runAt string
	// rows that a table may have; 0 for the bound of the status.
	rows int
}

// duplicatesOf counts the redelivered events of sources, of all when none is named.
func duplicatesOf(state *store.State, sources []string) (n int64) {
	for i := range state.Sources {
		if len(sources) == 0 || slices.Contains(sources, state.Sources[i].Name) {
			n += state.Sources[i].Duplicates
		}
	}
	return n
}

// record says what the results were computed from.
func (o *outcome) record() *v1alpha1.AnalysisRecord {
	counts := o.engine.Counts()
	return &v1alpha1.AnalysisRecord{
		UID:               o.doc.UID,
		Generation:        o.doc.Generation,
		ScheduledTime:     stamp(o.scheduled),
		StartTime:         stamp(o.started),
		CompletionTime:    stamp(o.completed),
		HandledRunAt:      o.runAt,
		HeldBackBy:        o.plan.heldBackBy,
		Policy:            o.plan.journey.Policy.String(),
		Seq:               o.scanned.snapshot.Seq,
		IdentityVersion:   o.scanned.snapshot.IdentityVersion,
		EventsScanned:     counts.Rows,
		DuplicatesDropped: o.duplicates + o.scanned.stats.Duplicates,
		Late:              counts.Late,
		Excluded:          counts.Excluded,
		Future:            counts.Future,
		WithoutUnit:       o.scanned.stats.WithoutUnit,
		Unidentified:      counts.Unidentified,
		OversizedPersons:  counts.Oversized,

		PublicEventsLeftOut: counts.CrowdedOut,
	}
}

// trace says how the results came about.
func (o *outcome) trace() v1alpha1.Trace {
	attempt := &v1alpha1.RunRecord{Time: stamp(o.completed), Job: o.job, HandledRunAt: o.runAt}
	out := v1alpha1.Trace{Analysis: o.record(), SourcesHash: o.doc.SourcesHash, LastRun: attempt}
	for _, w := range o.plan.marks[:min(len(o.plan.marks), maxSources)] {
		out.Sources = append(out.Sources, v1alpha1.SourceTrace{
			Name:               v1alpha1.LocalName(w.Source),
			NewestReceivedTime: stamp(w.NewestReceived),
			Watermark:          stamp(w.Complete),
			Events:             o.engine.Counts().Sources[w.Source],
		})
	}
	return out
}

// stamp gives a time as status holds it: in whole seconds, UTC; nil for the zero time.
func stamp(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	s := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &s
}
