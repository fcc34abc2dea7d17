// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// outage is how long the pods cannot read before that is called a failure. Restarts of a broker, elections and rollouts of its credentials take less.
const outage = 2 * time.Minute

// consequence says what an unavailable store means for who sends to the source, or for what it reads.
func (i *ingestion) consequence() string {
	if i.source.Spec.Transport.Pulls() {
		return "nothing is read, and what was not read stays at the source"
	}
	return "senders get 503"
}

// unreadable evaluates a source whose pods cannot read. A short failure does not change the verdict.
func (i *ingestion) unreadable() (status.Verdict, bool) {
	worst := problem(i.look.Reports)
	if worst == nil {
		if len(i.look.Reports) == 0 && i.was != nil && i.was.Reason == v1alpha1.ReasonSourceUnreadable {
			return status.Keep(i.was, status.Verdict{}), true // After a restart of the store, pods report within seconds.
		}
		return status.Verdict{}, false
	}
	since := time.UnixMicro(worst.ProblemSince)
	if due := since.Add(outage); i.now.Before(due) && (i.was == nil || i.was.Reason != v1alpha1.ReasonSourceUnreadable) {
		return status.True(v1alpha1.ReasonServing, "The pods run.").At(due), true
	}
	return status.False(v1alpha1.ReasonSourceUnreadable, "%s since %s: %s.", shown(worst.Reason), since.UTC().Format(time.RFC3339), shown(worst.Message)), true
}

// problem returns the oldest problem of a pod, or nil. A store that does not accept events has conditions of its own.
func problem(reports []store.Report) *store.PullReport {
	var out *store.PullReport
	for k := range reports {
		p := reports[k].Pull
		if p == nil || p.Reason == "" || p.Reason == pull.StoreUnavailable {
			continue
		}
		if out == nil || p.ProblemSince < out.ProblemSince {
			out = p
		}
	}
	return out
}

// gap evaluates a source from which documents are missing, because they were removed before they were read. It is shown until the pods are replaced;
// status.rejectReasons keeps the number.
func (i *ingestion) gap() (status.Verdict, bool) {
	k := slices.IndexFunc(i.look.Reports, func(r store.Report) bool { return r.Pull != nil && r.Pull.Gap != "" })
	if k < 0 {
		return status.Verdict{}, false
	}
	return status.True(v1alpha1.ReasonDocumentsMissed,
		"The pods read, but documents are missing, because they were removed at the source before they were read: %s.", shown(i.look.Reports[k].Pull.Gap)), true
}

// reading converts what the pods report to the form of the status; nil for a source that receives requests.
func reading(spec *v1alpha1.TouchpointSourceSpec, look storewatch.SourceLook) *v1alpha1.ReadingStatus {
	if !spec.Transport.Pulls() {
		return nil
	}
	out := &v1alpha1.ReadingStatus{Watermark: instant(look.State.Watermark)}
	lag, known := int64(0), false
	var lastRead, caughtUp int64
	for _, r := range look.Reports {
		p := r.Pull
		if p == nil {
			continue
		}
		out.Partitions += int32(p.Partitions)
		if p.Lag != nil {
			lag, known = lag+*p.Lag, true
		}
		lastRead = max(lastRead, p.LastReadAt)
		if p.Partitions > 0 && (caughtUp == 0 || p.CaughtUpAt < caughtUp) {
			caughtUp = p.CaughtUpAt
		}
	}
	if known {
		out.Lag = &lag
	}
	out.LastReadTime, out.CaughtUpTime = instant(lastRead), instant(caughtUp)
	return out
}
