// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// takeUpEvery is how often the store is asked while pods are waited for that have not taken up a spec. A kubelet brings it to them within a minute
// or two, and they report at once.
const takeUpEvery = 10 * time.Second

// suspension words a suspension that is wanted. Pods that have not heard of it yet still take events.
func (i *ingestion) suspension() status.Verdict {
	if slices.ContainsFunc(i.look.Reports, func(r store.Report) bool { return r.Generation > 0 && !r.Suspended }) {
		return status.False(v1alpha1.ReasonSuspended, "spec.suspend is set. Pods that have not noticed yet still accept events, for a minute or two.")
	}
	return status.False(v1alpha1.ReasonSuspended, "spec.suspend is set: senders get 503.")
}

// turnedAway says that senders still get 503 from pods of a source that is suspended no more. After a suspension pods have to report that they work
// by the newest spec: an older report may be from before they took the suspension up, and without any the store was asked before they came up.
// Pods of earlier releases do not say by which they work, or do not report.
func (i *ingestion) turnedAway() bool {
	after := i.was != nil && i.was.Reason == v1alpha1.ReasonSuspended
	if after && i.reporting && len(i.look.Reports) == 0 {
		_, apart := i.cutOff()
		return !apart
	}
	return slices.ContainsFunc(i.look.Reports, func(r store.Report) bool {
		return r.Suspended || after && r.Generation > 0 && r.Generation < i.source.Generation
	})
}

// resumption words a suspension that was taken back and still holds in a pod.
func (i *ingestion) resumption() status.Verdict {
	return status.False(v1alpha1.ReasonSuspended, "spec.suspend was unset. Pods that have not noticed yet, which takes a minute or two, "+
		"answer 503 until then.").At(i.now.Add(takeUpEvery))
}

// askAgain says that pods are waited for, and that what is known of them is old.
func (i *ingestion) askAgain() bool {
	return !suspended(i.source) && i.turnedAway() && answeredBefore(i.look, i.now.Add(-takeUpEvery))
}

func answeredBefore(look storewatch.SourceLook, at time.Time) bool {
	return look.Store.Answered() && !look.Store.At.After(at)
}
