// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analysis is what the reconcilers of JourneyMaps and MetricReports share: both have a CronJob that computes, a Job that
// computes at once, and a status that the Jobs write.
package analysis

import (
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// grace is how long after a tick its run may take to be seen: the controller starts the Job, a pod starts, and the results are written.
const grace = time.Minute

// Run is what is known about the runs of an object.
type Run struct {
	// UID and Generation of the object.
	UID        string
	Generation int64
	// Spec of the analysis, nil for the defaults.
	Spec *v1alpha1.Analysis
	// Schedule of the runs, nil when the spec has none that works.
	Schedule *resources.Schedule
	// Record, AsOf and Attempt as the Jobs wrote them.
	Record  *v1alpha1.AnalysisRecord
	AsOf    *metav1.Time
	Attempt *v1alpha1.RunRecord
	// Sources as the newest run found them.
	Sources []v1alpha1.SourceTrace
	// Other says that the results are of another state of what they depend on: the map of a report, the sources, the exclude rules.
	Other bool
	// Jobs of the object.
	Jobs Jobs
	// StoreAnswers reports whether a run can work at all, and StoreKnown whether the store has come up before.
	StoreAnswers, StoreKnown bool
	// Words of the cluster about pods of Jobs that do not come up, with a blank before them; empty for none.
	Words string
}

// Suspended reports whether no runs are scheduled.
func (r Run) Suspended() bool { return r.Spec != nil && r.Spec.Suspend != nil && *r.Spec.Suspend }

// OtherSources reports whether the results are of other sources or exclude rules than those that are there. Results that do not say, and an
// object whose store or sources are not known, have no others.
func OtherSources(t *v1alpha1.Trace, store *v1alpha1.EventStore, sources []*v1alpha1.TouchpointSource) bool {
	return t.SourcesHash != "" && store != nil && len(sources) > 0 && t.SourcesHash != resources.SourcesHash(store, sources)
}

// HasResults reports whether the results in the status are of this object and of this generation, and of all else that they depend on as it is.
func (r Run) HasResults() bool {
	return !r.Other && r.Record != nil && r.Record.UID == r.UID && r.Record.Generation == r.Generation
}

// Current evaluates AnalysisCurrent.
func Current(r Run, now time.Time) status.Verdict {
	failure, failed := r.failure()
	if !r.HasResults() {
		switch {
		case failed:
			return failure
		case r.Suspended():
			return status.Unknown(v1alpha1.ReasonSuspended, "spec.analysis.suspend is set.")
		case !r.StoreAnswers:
			return status.Unknown(v1alpha1.ReasonNoResults, "The first run begins when the store answers.")
		case r.tryingAgain():
			return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet; Job %s tries again: %s", r.Attempt.Job, r.Attempt.Error)
		default:
			return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet.%s", r.Words)
		}
	}
	switch {
	case r.Suspended():
		return status.Unknown(v1alpha1.ReasonSuspended, "spec.analysis.suspend is set; the results stay as they are.")
	case r.Spec != nil && r.Spec.AsOf != nil:
		return status.True(v1alpha1.ReasonResultsCurrent, "The results are for the fixed time of analysis%s.", instant(r.AsOf))
	case r.Schedule == nil || r.Record.ScheduledTime == nil:
		return status.Unknown(v1alpha1.ReasonNoResults, "The spec has no schedule, so the age of the results is not checked.")
	}
	deadline := r.Schedule.Next(r.Schedule.Next(r.Record.ScheduledTime.Time)).Add(grace)
	switch {
	case now.Before(deadline):
		return status.True(v1alpha1.ReasonResultsCurrent, "The results, as of%s, are no older than two scheduled runs.", instant(r.AsOf)).At(deadline)
	case failed:
		return failure
	default:
		return status.False(v1alpha1.ReasonResultsOutdated, "The results of %s are older than two scheduled runs, and no failed Job explains it.%s",
			r.Record.ScheduledTime.UTC().Format(time.RFC3339), r.Words)
	}
}

// failure returns the newest failed run, if nothing succeeded since. What the Job wrote itself tells more than what
// the Job's controller knows.
func (r Run) failure() (status.Verdict, bool) {
	since := r.since()
	if a := r.Attempt; a != nil && a.Error != "" && a.Time != nil && !a.Time.Time.Before(since) && !r.tryingAgain() {
		return status.False(v1alpha1.ReasonJobFailed, "Job %s failed: %s", a.Job, a.Error), true
	}
	if f := r.Jobs.Failed; f != nil && !f.Time.Time.Before(since) {
		return status.False(v1alpha1.ReasonJobFailed, "Job %s failed: %s", f.Name, f.Message), true
	}
	return status.Verdict{}, false
}

// tryingAgain reports whether the newest try failed, but that its Job has not given up.
func (r Run) tryingAgain() bool {
	return r.Attempt != nil && r.Attempt.Error != "" && slices.Contains(r.Jobs.Trying, r.Attempt.Job)
}

// HeldBack evaluates AsOfHeldBack: results that a source holds back by more than one tick are about an earlier time than their schedule lets one
// believe. A source that is late by less is the normal course of things.
func HeldBack(r Run) status.Verdict {
	rec := r.Record
	if !r.HasResults() || r.Schedule == nil || rec.HeldBackBy == "" || r.AsOf == nil || rec.ScheduledTime == nil ||
		!r.Schedule.Next(r.AsOf.Time).Before(rec.ScheduledTime.Time) {
		return status.False(v1alpha1.ReasonResultsCurrent, "No source holds the results back.")
	}
	return status.True(v1alpha1.ReasonSourceLags, "The results are as of%s (status.summary.period.asOf), not of%s, the time of their run: %s. "+
		"Later events of other sources wait for the next runs, at most spec.expectEvery of the source.",
		instant(r.AsOf), instant(rec.ScheduledTime), r.behind())
}

// behind says why the source that holds the results back does so, as the run found it. What counts is when its events happened: a source may send all
// the time, but only old events.
func (r Run) behind() string {
	name := r.Record.HeldBackBy
	for _, s := range r.Sources {
		switch at := s.NewestReceivedTime; {
		case string(s.Name) != name || s.Watermark == nil:
		case at == nil:
			return fmt.Sprintf("source %s has received no event since it was created at%s", name, instant(s.Watermark))
		case at.After(r.AsOf.Time):
			return fmt.Sprintf("the newest event of source %s happened at%s, although the source received an event at%s", name, instant(s.Watermark), instant(at))
		default:
			return fmt.Sprintf("the newest event of source %s happened at%s, and the source has received no event since%s", name, instant(s.Watermark), instant(at))
		}
	}
	return "source " + name + " has no newer event"
}

// instant writes a time with a blank before it; nothing if there is none.
func instant(t *metav1.Time) string {
	if t == nil {
		return ""
	}
	return " " + t.UTC().Format(time.RFC3339)
}

// since is the instant from which on a failure counts: the last success, or the start of the first run of this generation.
func (r Run) since() time.Time {
	if r.HasResults() && r.Record.CompletionTime != nil {
		return r.Record.CompletionTime.Time
	}
	return r.Jobs.FirstRun.Time
}
