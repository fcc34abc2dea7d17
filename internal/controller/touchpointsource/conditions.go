// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
)

func suspended(s *v1alpha1.TouchpointSource) bool { return s.Spec.Suspend != nil && *s.Spec.Suspend }

// startup is how long pods that never served can take before that is a failure.
const startup = 10 * time.Minute

// ingestion is the input of IngestionAvailable.
type ingestion struct {
	source *v1alpha1.TouchpointSource
	// store is nil if it does not exist, and workload if it was not created yet.
	store    *v1alpha1.EventStore
	workload *appsv1.Deployment
	// words are the cluster's messages about pods that do not start.
	words string
	look  storewatch.SourceLook
	was   *metav1.Condition
	now   time.Time
}

// available requires pods, a store that stores what they acknowledge, and the Secret.
func (i *ingestion) available() status.Verdict {
	look, name := &i.look.Store, i.source.Spec.StoreRef.Name
	switch {
	case suspended(i.source):
		return i.suspension()
	case i.store == nil && i.never():
		return status.Unknown(v1alpha1.ReasonDependencyNotFound, "Waiting for EventStore %s, which does not exist yet.", name)
	case i.store == nil:
		return status.False(v1alpha1.ReasonStoreUnavailable, "EventStore %s does not exist: %s.", name, i.consequence())
	case i.workload == nil || i.workload.Status.AvailableReplicas == 0:
		return i.notServing()
	case look.Err != nil && i.never() && !meta.IsStatusConditionFalse(i.store.Status.Conditions, v1alpha1.ConditionAvailable):
		return status.Unknown(v1alpha1.ReasonStarting, "%s; EventStore %s is starting and has not answered yet.", i.up(), name)
	case look.Err != nil:
		return status.False(v1alpha1.ReasonStoreUnavailable, "%s, but EventStore %s does not answer: %s.", i.up(), name, i.consequence())
	case look.At.IsZero():
		return status.Keep(i.was, status.Unknown(v1alpha1.ReasonNotObserved, "%s; the operator has not contacted EventStore %s yet.", i.up(), name))
	}
	return i.taking()
}

// taking evaluates pods that serve and a store that answers: whether events of senders are stored.
func (i *ingestion) taking() status.Verdict {
	look, name := &i.look.Store, i.source.Spec.StoreRef.Name
	switch {
	case look.Health.ReadOnly == readOnlyFull:
		return status.False(v1alpha1.ReasonStorageFull, "%s, but the volume of EventStore %s is full: %s.", i.up(), name, i.consequence())
	case look.Health.ReadOnly != "":
		return status.False(v1alpha1.ReasonStoreReadOnly, "%s, but EventStore %s is read-only: %s.", i.up(), name, i.consequence())
	case i.turnedAway():
		return i.resumption()
	}
	if v, apart := i.cutOff(); apart {
		return v
	}
	if v, missing := secretMissing(i.source, i.store, i.look, i.was); missing {
		return v
	}
	if t := &i.source.Spec.Transport; t.Pulls() && !t.Waits() { // Nobody knows when the next file is imported.
		return i.storing()
	}
	if v, waiting := i.waiting(); waiting {
		return v
	}
	return status.True(v1alpha1.ReasonServing, "%s.%s", i.up(), failures(i.workload)).At(i.silentUntil())
}

// readOnlyFull is Health.ReadOnly of a full store.
const readOnlyFull = "full"

// never reports whether the condition was neither True nor False yet.
func (i *ingestion) never() bool { return i.was == nil || i.was.Status == metav1.ConditionUnknown }

// notServing explains why no pod serves. Pods that are starting are not a failure, unless their controller reports one.
func (i *ingestion) notServing() status.Verdict {
	if i.workload == nil {
		if i.never() {
			return status.Unknown(v1alpha1.ReasonStarting, "There are no pods yet.")
		}
		return status.False(v1alpha1.ReasonRolloutIncomplete, "There are no pods.")
	}
	// Pods without a certificate are not ready, and report the reason themselves.
	if missing := lacking(i.source, i.store, i.look.Reports); len(missing) > 0 {
		return secretNotFound(withoutSecrets(i.source, i.look.Reports), missing)
	}
	until, starting := status.Starting(i.was, i.workload.CreationTimestamp.Time, startup, i.now)
	if starting && failures(i.workload) == "" {
		return status.Unknown(v1alpha1.ReasonStarting, "The pods are starting. %s%s", rolloutProblem(i.workload), i.words).At(until)
	}
	return status.False(v1alpha1.ReasonRolloutIncomplete, "%s%s", rolloutProblem(i.workload), i.words)
}

// silence is the input of Fresh.
type silence struct {
	source *v1alpha1.TouchpointSource
	look   storewatch.SourceLook
	// receiving is the time from which the source can receive, zero if it cannot. A source is not silent while it cannot receive.
	receiving time.Time
	// turnedAway is set if senders get 503 because of a suspension, which can have ended but not yet in all pods.
	turnedAway bool
	was        *metav1.Condition
	now        time.Time
}

// fresh compares the silence of a source with its expectation. It also reports whether to poll the store now: a deadline is missed only according to
// a response that is not older than the deadline. Otherwise a source could be called stale although it has sent something since the last poll.
func (q *silence) fresh() (v status.Verdict, ask bool) {
	s, at := q.source, q.look.Store.At
	expected, err := s.Spec.ExpectEvery.Parse()
	last, done := lastReceived(q.look), either(&s.Spec, "received", "read")
	switch {
	case suspended(s):
		return status.Unknown(v1alpha1.ReasonSuspended, "spec.suspend is set."), false
	case q.turnedAway:
		return status.Unknown(v1alpha1.ReasonSuspended, "spec.suspend was unset, but some pods have not loaded the change yet."), false
	case q.look.Store.Err != nil:
		return status.Unknown(v1alpha1.ReasonStoreUnavailable, "EventStore %s does not answer.", s.Spec.StoreRef.Name), false
	case at.IsZero():
		return status.Keep(q.was, status.Unknown(v1alpha1.ReasonNotObserved, "The operator has not contacted EventStore %s yet.", s.Spec.StoreRef.Name)), false
	case (err != nil || expected == 0) && last.IsZero():
		return status.Unknown(v1alpha1.ReasonNotObserved, "No event has been %s yet. spec.expectEvery is not set, so freshness is not checked.", done), false
	case err != nil || expected == 0:
		return status.True(v1alpha1.ReasonNoExpectation, "spec.expectEvery is not set, so freshness is not checked."), false
	case !last.IsZero() && q.now.Before(last.Add(expected)):
		return status.True(v1alpha1.ReasonWithinExpectation, "An event was %s within the last %s.", done, s.Spec.ExpectEvery).At(last.Add(expected)), false
	case last.IsZero() && q.receiving.IsZero():
		return status.Unknown(v1alpha1.ReasonNotObserved, "No event has been %s yet, and the source cannot %s any at the moment.",
			done, either(&s.Spec, "receive", "read")), false
	}
	return q.overdue(last, latest(last, q.receiving).Add(expected))
}

// overdue evaluates a source that sent nothing within its expectation, by the resulting deadline.
func (q *silence) overdue(last, deadline time.Time) (v status.Verdict, ask bool) {
	s, at := q.source, q.look.Store.At
	if q.now.Before(deadline) {
		return status.Unknown(v1alpha1.ReasonNotObserved, "Nothing has been %s since the source started to %s events at %s, which is less than %s ago.",
			either(&s.Spec, "received", "read"), either(&s.Spec, "accept", "read"), q.receiving.UTC().Format(time.RFC3339), s.Spec.ExpectEvery).At(deadline), false
	} else if at.Before(deadline) {
		return status.Keep(q.was, status.Unknown(v1alpha1.ReasonNotObserved, "The operator is contacting EventStore %s.", s.Spec.StoreRef.Name)), true
	}
	if last.IsZero() && s.Spec.Transport.Waits() {
		return status.False(v1alpha1.ReasonNeverReceived, "No file was ever imported, and the source has been able to take files for longer than %s. "+
			"Import one with kubectl journey import FILE --source %s.", s.Spec.ExpectEvery, s.Name), false
	}
	if last.IsZero() && s.Spec.Transport.Pulls() {
		return status.False(v1alpha1.ReasonNeverReceived, "No event was ever read, and the source has been able to read for longer than %s. "+
			"status.reading.lag says whether there is anything to read, and status.rejectReasons what was refused.", s.Spec.ExpectEvery), false
	}
	if last.IsZero() {
		return status.False(v1alpha1.ReasonNeverReceived, "No event was ever received, and the source has been able to receive for longer than %s. "+
			"Send events to %s.", s.Spec.ExpectEvery, address(s).URL), false
	}
	done := either(&s.Spec, "received", "read")
	return status.False(v1alpha1.ReasonSourceStale, "No event was %s for longer than %s. The last one was %s at %s.",
		done, s.Spec.ExpectEvery, done, last.UTC().Format(time.RFC3339)), false
}

// lastReceived returns the time of the last receipt, or zero.
func lastReceived(look storewatch.SourceLook) time.Time {
	if n := look.State.NewestReceivedAt; n > 0 {
		return time.UnixMicro(n)
	}
	return time.Time{}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// receivingSince returns the time from which a source could receive, according to its condition IngestionAvailable; zero if it cannot.
func receivingSince(c *metav1.Condition) time.Time {
	if c == nil || c.Status != metav1.ConditionTrue {
		return time.Time{}
	}
	return c.LastTransitionTime.Time
}

// notable is the percentage of refused events from which a source is called rejecting.
const notable = 5

// rejecting evaluates the latest traffic. Without traffic, the verdict does not change: a sender that gave up does not fix anything.
func rejecting(look storewatch.SourceLook, was *metav1.Condition) status.Verdict {
	t := look.Traffic
	switch {
	case look.Store.Err != nil && was == nil:
		return status.Unknown(v1alpha1.ReasonStoreUnavailable, "The store does not answer.")
	case look.Store.At.IsZero() && was == nil:
		return status.Unknown(v1alpha1.ReasonNotObserved, "The operator has not contacted the store yet.")
	case !t.Seen():
		if was != nil && was.Status != metav1.ConditionUnknown {
			return status.Keep(was, status.Verdict{})
		}
		if look.Store.At.IsZero() {
			return status.Keep(was, status.Verdict{})
		}
		return status.False(v1alpha1.ReasonNoRejections, "No event was rejected recently.")
	case t.Rejected == 0 && t.Waiting > 0:
		return status.False(v1alpha1.ReasonNoRejections, "No event was rejected recently. Some wait for memory in the store: see the condition IngestionAvailable.")
	case t.Rejected == 0 && t.Unread > 0:
		return unread(t, was)
	case t.Rejected == 0:
		return status.False(v1alpha1.ReasonNoRejections, "No event was rejected recently.")
	case t.Rejected*100 >= notable*(t.Accepted+t.Rejected):
		return eventsRejected(t, was)
	default:
		return status.False(v1alpha1.ReasonFewRejections, "Fewer than %d %% of the events are rejected, most of them for %s.", notable, t.Reason)
	}
}

// unread says that follow-up reads fail. Senders repeat these requests, so nothing is rejected yet. It keeps its first example.
func unread(t storewatch.Traffic, was *metav1.Condition) status.Verdict {
	const text = "No event was rejected recently. Some requests get 503, as record-unread in rejectReasons, until their records can be read"
	if was != nil && was.Reason == v1alpha1.ReasonNoRejections && strings.HasPrefix(was.Message, text) {
		return status.Keep(was, status.Verdict{})
	}
	return status.False(v1alpha1.ReasonNoRejections, "%s%s", text, forInstance(t.UnreadExample))
}

// eventsRejected keeps its first example: with a different one each time, the status would be written each time.
func eventsRejected(t storewatch.Traffic, was *metav1.Condition) status.Verdict {
	text := fmt.Sprintf("%s of the events are rejected, most of them for %s", share(t.Accepted, t.Rejected), t.Reason)
	if was != nil && was.Reason == v1alpha1.ReasonEventsRejected && strings.HasPrefix(was.Message, text) {
		return status.Keep(was, status.Verdict{})
	}
	return status.True(v1alpha1.ReasonEventsRejected, "%s%s. See status.rejectReasons.", text, forInstance(t.Example))
}

// share describes a share in words: a number that changes with every poll would cause a write of the status each time.
func share(accepted, refused int64) string {
	switch {
	case accepted == 0:
		return "All"
	case refused >= accepted:
		return "At least half"
	default:
		return fmt.Sprintf("At least %d %%", notable)
	}
}
