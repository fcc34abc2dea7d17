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

// takeUpEvery is the interval of polls while pods have not loaded a new spec yet. The kubelet updates their files within a minute or two, and they
// report at once.
const takeUpEvery = 10 * time.Second

// suspension is the verdict while spec.suspend is set. Pods that have not loaded it yet still accept or read events.
func (i *ingestion) suspension() status.Verdict {
	if slices.ContainsFunc(i.look.Reports, func(r store.Report) bool { return !r.Suspended }) {
		return status.False(v1alpha1.ReasonSuspended, "spec.suspend is set. Pods that have not loaded the change yet still %s, for a minute or two.",
			either(&i.source.Spec, "accept events", "read"))
	}
	return status.False(v1alpha1.ReasonSuspended, "spec.suspend is set: %s.", i.consequence())
}

// turnedAway reports whether senders still get 503, or nothing is read, although the source is no longer suspended. After a suspension, every pod must
// report the latest generation: an older report can be from before the pod loaded the suspension, and without reports the store was polled before the
// pods started.
func (i *ingestion) turnedAway() bool {
	after := i.was != nil && i.was.Reason == v1alpha1.ReasonSuspended
	if after && len(i.look.Reports) == 0 {
		_, apart := i.cutOff()
		return !apart
	}
	return slices.ContainsFunc(i.look.Reports, func(r store.Report) bool {
		return r.Suspended || after && r.Generation < i.source.Generation
	})
}

// resumption is the verdict after spec.suspend was unset, while some pods still refuse requests, or read nothing.
func (i *ingestion) resumption() status.Verdict {
	return status.False(v1alpha1.ReasonSuspended, "spec.suspend was unset. Pods that have not loaded the change yet, which takes a minute or two, "+
		"%s until then.", either(&i.source.Spec, "answer 503", "read nothing")).At(i.now.Add(takeUpEvery))
}

// askAgain reports whether the operator waits for pods and the store's last response is old.
func (i *ingestion) askAgain() bool {
	return !suspended(i.source) && i.turnedAway() && answeredBefore(i.look, i.now.Add(-takeUpEvery))
}

func answeredBefore(look storewatch.SourceLook, at time.Time) bool {
	return look.Store.Answered() && !look.Store.At.After(at)
}
