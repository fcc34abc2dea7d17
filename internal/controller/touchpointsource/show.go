// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"cmp"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// show sets the fields of the status other than the conditions. Counters and times follow the cadence of counters.
func (r *reconciler) show(s *scope, w *appsv1.Deployment, look storewatch.SourceLook) {
	st := &s.Object.Status
	st.Address = address(s.Object)
	if s.input.Rollout.Image != "" {
		st.Image, st.UpdateAvailable = s.input.Rollout.Image, s.input.Rollout.UpdateAvailable
	}
	if w != nil {
		st.Replicas = w.Status.AvailableReplicas
	}
	st.Advice = withUnbounded(&s.Object.Spec, r.Network, st.Advice)
	if !look.Store.Answered() {
		return
	}
	// A store that answers and does not know the source has received nothing from it yet. A store that lost the source has no information about earlier
	// events. Both have the reports of pods.
	next, counted := *st, look.Known || st.Accepted == nil
	if counted {
		next = counters(look.State, s.Object.Spec.Unidentified)
		next.Advice = withUnbounded(&s.Object.Spec, r.Network, advice(&s.Object.Spec, &look.State))
	}
	next.Reading = reading(&s.Object.Spec, look, st.Reading)
	if same(st, next) {
		return
	}
	first := st.Accepted == nil || (known(st.Accepted) == 0 && known(next.Accepted) > 0) || (known(st.Rejected) == 0 && known(next.Rejected) > 0) ||
		!begun(st.Reading) && begun(next.Reading)
	due, at := r.cadence.Due(s.key, s.Now, first, look.Settled)
	if !due {
		s.RecheckAt(at)
		return
	}
	if counted {
		st.CountersTime = second(look.Store.At)
	}
	st.Accepted, st.Rejected, st.RejectReasons = next.Accepted, next.Rejected, next.RejectReasons
	st.UnauthorizedRequests = next.UnauthorizedRequests
	st.Duplicates, st.Erased, st.WithoutID, st.Unidentified, st.Advice = next.Duplicates, next.Erased, next.WithoutID, next.Unidentified, next.Advice
	st.Placeholders, st.PlaceholderIDs, st.Uncorrected = next.Placeholders, next.PlaceholderIDs, next.Uncorrected
	st.Reading = next.Reading
	st.NewestEventTime, st.NewestReceivedTime = next.NewestEventTime, next.NewestReceivedTime
}

// address returns nil for a source that fetches.
func address(s *v1alpha1.TouchpointSource) *v1alpha1.SourceAddress {
	if s.Spec.Transport.Pulls() {
		return nil
	}
	return &v1alpha1.SourceAddress{URL: resources.SourceURL(s), Path: resources.SourcePath(s)}
}

// counters converts the store's state to the form of the status.
func counters(state store.SourceState, nobody v1alpha1.UnidentifiedPolicy) v1alpha1.TouchpointSourceStatus {
	out := v1alpha1.TouchpointSourceStatus{
		Accepted:           &state.Counters.Accepted,
		Duplicates:         &state.Duplicates,
		Rejected:           new(int64),
		Erased:             state.Erased,
		WithoutID:          &state.Counters.WithoutID,
		Placeholders:       state.Counters.Placeholders,
		PlaceholderIDs:     state.Counters.PlaceholderIDs,
		Uncorrected:        state.Counters.Uncorrected,
		NewestEventTime:    instant(state.NewestEventTime),
		NewestReceivedTime: instant(state.NewestReceivedAt),
	}
	if n := state.Counters.Unidentified; n > 0 || nobody == v1alpha1.KeepUnidentified {
		out.Unidentified = &n
	}
	for reason, r := range state.Counters.Rejected {
		if reject.Unauthorized(reason) {
			out.UnauthorizedRequests += r.Count
			continue
		}
		*out.Rejected += r.Count
		out.RejectReasons = append(out.RejectReasons, v1alpha1.RejectReason{
			Reason: status.Shorten(reason, maxReason), Count: r.Count, Example: status.Shorten(r.Example, maxExample),
		})
	}
	slices.SortFunc(out.RejectReasons, func(a, b v1alpha1.RejectReason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	if len(out.RejectReasons) > maxReasons {
		out.RejectReasons = out.RejectReasons[:maxReasons]
	}
	return out
}

// Limits of the status, as in the API.
const (
	maxReasons = 5
	maxReason  = 64
	maxExample = 256
)

// instant converts a time in microseconds to the precision of the API, whole seconds.
func instant(micros int64) *metav1.Time {
	if micros == 0 {
		return nil
	}
	return second(time.UnixMicro(micros))
}

func second(at time.Time) *metav1.Time { return ptr.To(metav1.NewTime(at.Truncate(time.Second))) }

// known returns a counter, or 0 if there is none yet.
func known(n *int64) int64 { return ptr.Deref(n, 0) }

func same(a *v1alpha1.TouchpointSourceStatus, b v1alpha1.TouchpointSourceStatus) bool {
	return ptr.Equal(a.Accepted, b.Accepted) && ptr.Equal(a.Rejected, b.Rejected) && ptr.Equal(a.Duplicates, b.Duplicates) &&
		ptr.Equal(a.WithoutID, b.WithoutID) && ptr.Equal(a.Unidentified, b.Unidentified) &&
		a.UnauthorizedRequests == b.UnauthorizedRequests && a.Erased == b.Erased && a.Placeholders == b.Placeholders &&
		a.PlaceholderIDs == b.PlaceholderIDs && a.Uncorrected == b.Uncorrected &&
		sameReading(a.Reading, b.Reading) && slices.Equal(a.RejectReasons, b.RejectReasons) && slices.Equal(a.Advice, b.Advice) &&
		a.NewestEventTime.Equal(b.NewestEventTime) && a.NewestReceivedTime.Equal(b.NewestReceivedTime)
}

// sameReading leaves out the time at which all was read, which changes with each look at an idle source, but for the first one.
func sameReading(a, b *v1alpha1.ReadingStatus) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Partitions == b.Partitions && ptr.Equal(a.Lag, b.Lag) && a.Watermark.Equal(b.Watermark) && a.LastReadTime.Equal(b.LastReadTime) &&
		(a.CaughtUpTime == nil) == (b.CaughtUpTime == nil)
}

// forInstance adds an example to a message.
func forInstance(example string) string {
	if example == "" {
		return ""
	}
	return " (" + status.Shorten(example, maxExample) + ")"
}
