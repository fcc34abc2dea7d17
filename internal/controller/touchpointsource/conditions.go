// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/config"
	"github.com/journeyman-dev/journeyman/internal/status"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
)

func suspended(s *v1alpha1.TouchpointSource) bool { return s.Spec.Suspend != nil && *s.Spec.Suspend }

// ingestionAvailable needs pods, a store that takes what they acknowledge, and the Secret.
func ingestionAvailable(
	s *v1alpha1.TouchpointSource, store *v1alpha1.EventStore, w *appsv1.Deployment, look storewatch.SourceLook, was *metav1.Condition,
) status.Verdict {
	switch {
	case suspended(s):
		return status.False(v1alpha1.ReasonSuspended, "spec.suspend is set: senders get 503.")
	case w == nil:
		return status.False(v1alpha1.ReasonRolloutIncomplete, "There are no pods yet.")
	case deploymentCondition(w, appsv1.DeploymentAvailable, corev1.ConditionTrue) == nil:
		return status.False(v1alpha1.ReasonRolloutIncomplete, "%s", rolloutProblem(w))
	case look.Store.Err != nil:
		return status.False(v1alpha1.ReasonStoreUnavailable, "The pods serve, but EventStore %s does not answer: senders get 503.", s.Spec.StoreRef.Name)
	case look.Store.At.IsZero():
		return status.Keep(was, status.Unknown(v1alpha1.ReasonNotObserved, "The pods serve; EventStore %s was not asked yet.", s.Spec.StoreRef.Name))
	}
	if v, missing := secretMissing(s, store, look, was); missing {
		return v
	}
	return status.True(v1alpha1.ReasonServing, "The pods serve.")
}

// fresh compares the silence of a source with what is expected. It also says whether the store should be asked now: a deadline is
// only missed by an answer that is no older than the deadline, else a source could be called stale for
// what it sent since the store was asked last.
func fresh(s *v1alpha1.TouchpointSource, look storewatch.SourceLook, was *metav1.Condition, now time.Time) (v status.Verdict, ask bool) {
	expected, err := config.ParseDuration(s.Spec.ExpectEvery)
	switch {
	case suspended(s):
		return status.Unknown(v1alpha1.ReasonSuspended, "spec.suspend is set."), false
	case err != nil || expected == 0:
		return status.True(v1alpha1.ReasonNoExpectation, "spec.expectEvery is not set, so no silence is too long."), false
	case look.Store.Err != nil:
		return status.Unknown(v1alpha1.ReasonStoreUnavailable, "EventStore %s does not answer.", s.Spec.StoreRef.Name), false
	case look.Store.At.IsZero():
		return status.Keep(was, status.Unknown(v1alpha1.ReasonNotObserved, "EventStore %s was not asked yet.", s.Spec.StoreRef.Name)), false
	}
	last, since := lastReceived(s, look)
	deadline := since.Add(expected)
	if now.Before(deadline) {
		if last.IsZero() {
			return status.True(v1alpha1.ReasonWithinExpectation,
				"Nothing was received yet; %s have not passed since the source was created.", s.Spec.ExpectEvery).At(deadline), false
		}
		return status.True(v1alpha1.ReasonWithinExpectation, "Heard from within %s.", s.Spec.ExpectEvery).At(deadline), false
	}
	if look.Store.At.Before(deadline) {
		return status.Keep(was, status.Unknown(v1alpha1.ReasonNotObserved, "EventStore %s is being asked.", s.Spec.StoreRef.Name)), true
	}
	if last.IsZero() {
		return status.False(v1alpha1.ReasonNeverReceived, "Nothing was ever received, and %s have passed since the source was created. Send to %s.",
			s.Spec.ExpectEvery, address(s).URL), false
	}
	return status.False(v1alpha1.ReasonSourceStale, "Nothing was received for longer than %s; the last receipt was at %s.",
		s.Spec.ExpectEvery, last.UTC().Format(time.RFC3339)), false
}

// lastReceived gives the time of the last receipt, zero for none, and the time since which the silence counts.
func lastReceived(s *v1alpha1.TouchpointSource, look storewatch.SourceLook) (last, since time.Time) {
	if n := look.State.NewestReceivedAt; n > 0 {
		last = time.UnixMicro(n)
		return last, last
	}
	return time.Time{}, s.CreationTimestamp.Time
}

// notable is the share of refused events, in percent, from which on a source is called rejecting.
const notable = 5

// rejecting looks at the newest traffic. While nothing comes, the verdict stays: a sender that gave up is no cure.
func rejecting(look storewatch.SourceLook, was *metav1.Condition) status.Verdict {
	t := look.Traffic
	switch {
	case look.Store.Err != nil && was == nil:
		return status.Unknown(v1alpha1.ReasonStoreUnavailable, "The store does not answer.")
	case look.Store.At.IsZero() && was == nil:
		return status.Unknown(v1alpha1.ReasonNotObserved, "The store was not asked yet.")
	case !t.Seen():
		if was != nil && was.Status != metav1.ConditionUnknown {
			return status.Keep(was, status.Verdict{})
		}
		if look.Store.At.IsZero() {
			return status.Keep(was, status.Verdict{})
		}
		return status.False(v1alpha1.ReasonNothingRejected, "No event was refused lately.")
	case t.Rejected == 0:
		return status.False(v1alpha1.ReasonNothingRejected, "No event was refused lately.")
	case t.Rejected*100 >= notable*(t.Accepted+t.Rejected):
		return eventsRejected(t, was)
	default:
		return status.False(v1alpha1.ReasonRejectionsFew, "Fewer than %d %% of the events are refused, most of them for %s.", notable, t.Reason)
	}
}

// eventsRejected keeps the example that it once gave: with another one each time the status would never rest.
func eventsRejected(t storewatch.Traffic, was *metav1.Condition) status.Verdict {
	text := fmt.Sprintf("%s of the events are refused, most of them for %s", share(t), t.Reason)
	if was != nil && was.Reason == v1alpha1.ReasonEventsRejected && strings.HasPrefix(was.Message, text) {
		return status.Keep(was, status.Verdict{})
	}
	return status.True(v1alpha1.ReasonEventsRejected, "%s%s. See status.topReasons.", text, forInstance(t.Example))
}

// share in words: a number that differs with every look would make the status be written with every look.
func share(t storewatch.Traffic) string {
	switch {
	case t.Accepted == 0:
		return "All"
	case t.Rejected >= t.Accepted:
		return "More than half"
	default:
		return fmt.Sprintf("More than %d %%", notable)
	}
}
