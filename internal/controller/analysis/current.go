// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analysis is the shared part of the reconcilers of JourneyMaps and MetricReports: both have a CronJob, a Job for an immediate run, and a
// status that the Jobs write.
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

// grace is how long after a scheduled time the results of its run can take: the controller starts the Job, a pod starts, and the results are written.
const grace = time.Minute

// Run is the state of the runs of an object.
type Run struct {
	// UID and Generation of the object.
	UID        string
	Generation int64
	// Spec of the analysis; nil for the defaults.
	Spec *v1alpha1.Analysis
	// Schedule of the runs; nil if the spec has no valid one.
	Schedule *resources.Schedule
	// Record, AsOf and Attempt as the Jobs wrote them.
	Record  *v1alpha1.AnalysisRecord
	AsOf    *metav1.Time
	Attempt *v1alpha1.RunRecord
	// Sources as the newest run found them.
	Sources []v1alpha1.SourceTrace
	// Other is set if the results are for another state of what they depend on: the map of a report, the sources, or the exclude rules.
	Other bool
	// Jobs of the object.
	Jobs Jobs
	// StoreAnswers is set if a run can work at all, and StoreKnown if the store has been up before.
	StoreAnswers, StoreKnown bool
	// PodEvent is the latest Event about a pod of a Job that does not start, with a leading blank; empty for none.
	PodEvent string
}

// Suspended reports whether no runs are scheduled.
func (r Run) Suspended() bool { return r.Spec != nil && r.Spec.Suspend != nil && *r.Spec.Suspend }

// OtherSources reports whether the results are for other sources or exclude rules than the current ones. It returns false for results that do not
// record them, and for an object whose store or sources are unknown.
func OtherSources(t *v1alpha1.Trace, store *v1alpha1.EventStore, sources []*v1alpha1.TouchpointSource) bool {
	return t.SourcesHash != "" && store != nil && len(sources) > 0 && t.SourcesHash != resources.SourcesHash(store, sources)
}

// HasResults reports whether the status has results for this object, this generation, and the current state of everything that they depend on.
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
			return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet.%s", r.PodEvent)
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
			r.Record.ScheduledTime.UTC().Format(time.RFC3339), r.PodEvent)
	}
}

// failure returns the latest failed run, if nothing has succeeded since. The Job's own message is better than that of the Job controller.
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

// tryingAgain reports whether the latest attempt failed, but its Job is still retrying.
func (r Run) tryingAgain() bool {
	return r.Attempt != nil && r.Attempt.Error != "" && slices.Contains(r.Jobs.Trying, r.Attempt.Job)
}

// HeldBack evaluates AsOfHeldBack. If a source holds the results back by more than one scheduled run, they are for an earlier time than their
// schedule suggests. A smaller delay is normal.
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

// behind explains why the source holds the results back, as the run found it. The time of its events matters: a source can send all the time, but
// only old events.
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

// instant formats a time with a leading blank, or returns an empty text.
func instant(t *metav1.Time) string {
	if t == nil {
		return ""
	}
	return " " + t.UTC().Format(time.RFC3339)
}

// since returns the instant from which a failure counts: the last success, or the start of the first run of this generation.
func (r Run) since() time.Time {
	if r.HasResults() && r.Record.CompletionTime != nil {
		return r.Record.CompletionTime.Time
	}
	return r.Jobs.FirstRun.Time
}
