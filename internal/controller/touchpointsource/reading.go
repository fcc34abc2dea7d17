// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// outage is how long the pods cannot read before that is called a failure. Restarts of a broker, elections and rollouts of its credentials take less.
const outage = 2 * time.Minute

// either chooses between the words for a source that receives requests and those for one that reads.
func either(spec *v1alpha1.TouchpointSourceSpec, receives, reads string) string {
	if spec.Transport.Pulls() {
		return reads
	}
	return receives
}

// up says what pods do that are available.
func (i *ingestion) up() string { return either(&i.source.Spec, "The pods serve", "The pods run") }

// consequence says what an unavailable store means for who sends to the source, or for what it reads.
func (i *ingestion) consequence() string {
	if i.source.Spec.Transport.Waits() {
		return "no file can be imported"
	}
	return either(&i.source.Spec, "senders get 503", "nothing is read, and what was not read stays at the source")
}

// problems are what the pods report about reading.
type problems struct {
	// source and store are the oldest problem of the pods with the source, and with the store; nil if there is none.
	source, store *store.PullReport
	// failing is the number of pods with a problem, and pods that of all which report. reads is set if a pod without a problem reads a part of the source.
	failing, pods int
	reads         bool
}

// reported collects the problems of the pods.
func reported(reports []store.Report) problems {
	var out problems
	for k := range reports {
		p := reports[k].Pull
		if p == nil {
			continue
		}
		out.pods++
		if p.Reason == "" {
			out.reads = out.reads || p.Partitions > 0
			continue
		}
		out.failing++
		oldest := &out.source
		if p.Reason == pull.StoreUnavailable {
			oldest = &out.store
		}
		if *oldest == nil || p.ProblemSince < (*oldest).ProblemSince {
			*oldest = p
		}
	}
	return out
}

// due returns when the oldest problem that is still short becomes a failure; zero if there is none.
func (p *problems) due() time.Time {
	var out time.Time
	for _, r := range []*store.PullReport{p.source, p.store} {
		if r != nil && (out.IsZero() || failsAt(r).Before(out)) {
			out = failsAt(r)
		}
	}
	return out
}

func failsAt(r *store.PullReport) time.Time { return time.UnixMicro(r.ProblemSince).Add(outage) }

// storing evaluates a source that reads, if its store accepts events: whether the pods read, and store what they read.
func (i *ingestion) storing() status.Verdict {
	if v, unreported := i.unreported(); unreported {
		return v
	}
	p := reported(i.look.Reports)
	if v, failing := i.unreadable(&p, p.source); failing {
		return v
	}
	crowded, waiting := i.waiting()
	if waiting && crowded.Status == metav1.ConditionFalse {
		return crowded
	}
	if v, failing := i.unreadable(&p, p.store); failing {
		return v
	}
	if v, unproven := i.unproven(&p); unproven {
		return v
	}
	if waiting {
		return crowded.At(p.due())
	}
	if v, missing := i.gap(); missing {
		return v.At(p.due())
	}
	return status.True(v1alpha1.ReasonServing, "%s.%s", i.up(), failures(i.workload)).At(latest(p.due(), i.silentUntil()))
}

// unreported evaluates a source of whose pods the store has no report, as after a restart of the store. They report within seconds: until then, what
// they reported last is not over.
func (i *ingestion) unreported() (status.Verdict, bool) {
	if len(i.look.Reports) > 0 || i.was == nil {
		return status.Verdict{}, false
	}
	switch i.was.Reason {
	case v1alpha1.ReasonSourceUnreadable, v1alpha1.ReasonDocumentsMissed:
		return status.Keep(i.was, status.Verdict{}).At(i.silentUntil()), true
	case v1alpha1.ReasonStoreUnavailable:
		return status.False(v1alpha1.ReasonStoreUnavailable, "EventStore %s answers, but the pods have not reported yet that they reach it.",
			i.source.Spec.StoreRef.Name).At(i.silentUntil()), true
	}
	return status.Verdict{}, false
}

// unreadable evaluates one kind of problem. A short one does not change the verdict.
func (i *ingestion) unreadable(p *problems, worst *store.PullReport) (status.Verdict, bool) {
	if worst == nil {
		return status.Verdict{}, false
	}
	v := i.failure(p, worst)
	return v, !i.now.Before(failsAt(worst)) || i.was != nil && i.was.Reason == v.Reason
}

// failure is the verdict about a problem that has lasted for long enough. While other pods read, the source is available.
func (i *ingestion) failure(p *problems, worst *store.PullReport) status.Verdict {
	since := time.UnixMicro(worst.ProblemSince).UTC().Format(time.RFC3339)
	switch {
	case p.reads:
		return status.True(v1alpha1.ReasonSourceUnreadable, "%d of %d pods do not read: %s since %s: %s.",
			p.failing, p.pods, shown(worst.Reason), since, shown(worst.Message))
	case worst.Reason == pull.StoreUnavailable:
		return status.False(v1alpha1.ReasonStoreUnavailable, "The pods run, but EventStore %s has not accepted what they read since %s: %s.",
			i.source.Spec.StoreRef.Name, since, shown(worst.Message))
	}
	return status.False(v1alpha1.ReasonSourceUnreadable, "%s since %s: %s.", shown(worst.Reason), since, shown(worst.Message))
}

// unproven evaluates pods that do not read although no failure has lasted for long enough. A new source is not available before it is read for the
// first time, and one that was unreadable not before it is read again: pods that have just started have no problem yet.
func (i *ingestion) unproven(p *problems) (status.Verdict, bool) {
	worst := p.source
	if worst == nil {
		worst = p.store
	}
	switch {
	case p.reads:
		return status.Verdict{}, false
	case i.never():
		return i.first(p, worst), true
	case i.was.Status == metav1.ConditionTrue:
		return status.Verdict{}, false
	case worst != nil:
		return i.failure(p, worst), true
	case i.was.Reason == v1alpha1.ReasonSourceUnreadable:
		return status.Keep(i.was, status.Verdict{}), true
	}
	return status.Verdict{}, false
}

// first evaluates a source that was never read yet. Its first problem is shown at once, and is a failure as late as any other.
func (i *ingestion) first(p *problems, worst *store.PullReport) status.Verdict {
	if worst != nil {
		return status.Unknown(v1alpha1.ReasonStarting, "The pods run, but have not read yet: %s: %s.", shown(worst.Reason), shown(worst.Message)).At(p.due())
	}
	if until, starting := status.Starting(i.was, i.workload.CreationTimestamp.Time, startup, i.now); starting {
		return status.Unknown(v1alpha1.ReasonStarting, "The pods run, but have not read yet.").At(until)
	}
	return status.False(v1alpha1.ReasonSourceUnreadable, "The pods run, but after %d minutes none of them reads a part of the source. Their logs say more. "+
		"Another program in the same consumer group can have all partitions.", int(startup.Minutes()))
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
