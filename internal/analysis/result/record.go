// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/feed"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Outcome is everything that one run computed.
type Outcome struct {
	// ofMap or report is the status that was written.
	ofMap  *v1alpha1.JourneyMapStatus
	report *v1alpha1.MetricReportStatus

	// Doc and Plan of the run, the Engine after the scan, and the statistics of the scan.
	Doc     *podconfig.Analysis
	Plan    *plan.Plan
	Engine  *engine.Engine
	Scanned feed.Scanned
	// Duplicates of the map's sources that the store has refused since the sources were created.
	Duplicates int64
	// Scheduled is the scheduled time of the run, Started and Completed its actual times. Job is its name; empty outside one.
	Scheduled time.Time
	Started   time.Time
	Completed time.Time
	Job       string
	// RunAt is the request that the run fulfils; see StatusWriter.RunAt.
	RunAt string
	// Rows is the number of rows of a table; 0 means the limit of the status.
	Rows int
}

// DuplicatesOf returns the number of redelivered events of sources, or of all sources if none is named.
func DuplicatesOf(state *store.State, sources []string) (n int64) {
	for i := range state.Sources {
		if len(sources) == 0 || slices.Contains(sources, state.Sources[i].Name) {
			n += state.Sources[i].Duplicates
		}
	}
	return n
}

// record describes what the results were computed from.
func (o *Outcome) record() *v1alpha1.AnalysisRecord {
	counts := o.Engine.Counts()
	return &v1alpha1.AnalysisRecord{
		UID:               o.Doc.UID,
		Generation:        o.Doc.Generation,
		ScheduledTime:     Stamp(o.Scheduled),
		StartTime:         Stamp(o.Started),
		CompletionTime:    Stamp(o.Completed),
		HandledRunAt:      o.RunAt,
		HeldBackBy:        o.Plan.HeldBackBy,
		Policy:            o.Plan.Journey.Policy.String(),
		Seq:               o.Scanned.Snapshot.Seq,
		IdentityVersion:   o.Scanned.Snapshot.IdentityVersion,
		EventsScanned:     counts.Rows,
		DuplicatesDropped: o.Duplicates + o.Scanned.Stats.Duplicates,
		Late:              counts.Late,
		Excluded:          counts.Excluded,
		Future:            counts.Future,
		WithoutUnit:       o.Scanned.Stats.WithoutUnit,
		Unidentified:      counts.Unidentified,
		OversizedPersons:  counts.Oversized,

		PublicEventsLeftOut: counts.CrowdedOut,
	}
}

// trace describes how the results were computed.
func (o *Outcome) trace() v1alpha1.Trace {
	attempt := &v1alpha1.RunRecord{Time: Stamp(o.Completed), Job: o.Job, HandledRunAt: o.RunAt}
	out := v1alpha1.Trace{Analysis: o.record(), SourcesHash: o.Doc.SourcesHash, LastRun: attempt}
	for _, w := range o.Plan.Marks[:min(len(o.Plan.Marks), maxSources)] {
		out.Sources = append(out.Sources, v1alpha1.SourceTrace{
			Name:               v1alpha1.LocalName(w.Source),
			NewestReceivedTime: Stamp(w.NewestReceived),
			Watermark:          Stamp(w.Complete),
			Events:             o.Engine.Counts().Sources[w.Source],
		})
	}
	return out
}

// Stamp returns a time in the form of a status: in whole seconds, UTC; nil for the zero time.
func Stamp(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	s := metav1.NewTime(t.UTC().Truncate(time.Second))
	return &s
}

// Status returns the results as a status of at most limit bytes. It is created once, and further calls can only make it smaller.
func (o *Outcome) Status(limit int) any {
	if o.Doc.Report != nil {
		if o.report == nil {
			o.report = o.reportStatus()
		}
		fit.Report(o.report, limit, o.breakdownResult)
		return o.report
	}
	if o.ofMap == nil {
		o.ofMap = o.mapStatus()
	}
	fit.Map(o.ofMap, limit)
	return o.ofMap
}
