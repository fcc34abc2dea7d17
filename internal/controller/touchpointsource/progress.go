// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// reading converts what the pods report to the form of the status; nil for a source that reads nothing by itself. Times of the past stay when the pods are
// new, or the store has no reports of them.
func reading(spec *v1alpha1.TouchpointSourceSpec, look storewatch.SourceLook, before *v1alpha1.ReadingStatus) *v1alpha1.ReadingStatus {
	if !spec.Transport.Pulls() || spec.Transport.Waits() {
		return nil
	}
	var pods []*store.PullReport
	for _, r := range look.Reports {
		if r.Pull != nil {
			pods = append(pods, r.Pull)
		}
	}
	out := &v1alpha1.ReadingStatus{Watermark: instant(look.State.Watermark), Lag: lag(pods), CaughtUpTime: instant(caughtUp(pods))}
	if spec.Transport.SharesLag() {
		out.Lag = sharedLag(pods)
	}
	var last int64
	for _, p := range pods {
		out.Partitions += int32(p.Partitions)
		last = max(last, p.LastReadAt)
	}
	out.LastReadTime = instant(last)
	if before != nil {
		out.LastReadTime = later(out.LastReadTime, before.LastReadTime)
		out.CaughtUpTime = later(out.CaughtUpTime, before.CaughtUpTime)
	}
	return out
}

// lag returns the sum of the pods; nil if it is unknown. A pod that does not say its own has an unknown part of it, unless it is healthy and has no
// partitions. If no pod has any, nobody knows the lag.
func lag(pods []*store.PullReport) *int64 {
	sum, partitions := int64(0), 0
	for _, p := range pods {
		if p.Lag == nil && (p.Partitions > 0 || p.Reason != "") {
			return nil
		}
		sum += ptr.Deref(p.Lag, 0)
		partitions += p.Partitions
	}
	if partitions == 0 {
		return nil
	}
	return &sum
}

// sharedLag returns the lag of a queue of which each pod knows the whole; nil if none of them knows it.
func sharedLag(pods []*store.PullReport) (out *int64) {
	for _, p := range pods {
		if p.Lag != nil && (out == nil || *p.Lag > *out) {
			out = p.Lag
		}
	}
	return out
}

// caughtUp returns when the pods with partitions had nothing left to read, the one furthest behind; 0 if one of them never had.
func caughtUp(pods []*store.PullReport) int64 {
	var out int64
	for _, p := range pods {
		switch {
		case p.Partitions == 0:
		case p.CaughtUpAt == 0:
			return 0
		case out == 0 || p.CaughtUpAt < out:
			out = p.CaughtUpAt
		}
	}
	return out
}

// begun reports whether a source was ever read.
func begun(r *v1alpha1.ReadingStatus) bool {
	return r != nil && (r.Partitions > 0 || r.LastReadTime != nil || r.CaughtUpTime != nil)
}

func later(a, b *metav1.Time) *metav1.Time {
	if a == nil || b != nil && a.Before(b) {
		return b
	}
	return a
}
