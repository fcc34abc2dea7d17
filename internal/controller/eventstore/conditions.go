// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// startup is how long a store that never answered can take before that is a failure: to get its volume and its image, and to read its log.
const startup = 10 * time.Minute

// available evaluates whether the store answers. made is the creation time of its StatefulSet, zero if it does not exist yet.
func available(look storewatch.Look, was *metav1.Condition, made, now time.Time) status.Verdict {
	switch {
	case look.Err != nil:
		if until, starting := status.Starting(was, made, startup, now); starting {
			return status.Unknown(v1alpha1.ReasonStarting, "The store is starting and has not answered yet.").At(until)
		}
		return status.False(v1alpha1.ReasonStoreUnavailable, "The store does not answer: %s. Senders get 503 and retry, and sources that read wait.",
			storewatch.Why(look.Err))
	case look.At.IsZero():
		return status.Keep(was, status.Unknown(v1alpha1.ReasonNotObserved, "The operator has not contacted the store yet."))
	default:
		return status.True(v1alpha1.ReasonStoreAnswering, "The store answers.")
	}
}

const (
	// Less than lowPercent of free space is too little, more than healthyPercent is enough again. In between, the verdict does not change.
	lowPercent, healthyPercent = 15, 18
	// Less than lowBytes is too little on any volume, because a commit and a new sorted file need space.
	lowBytes, healthyBytes = 24 << 20, 32 << 20
)

// storageHealthy turns False while there is still space, so that somebody can act before senders are refused.
func storageHealthy(look storewatch.Look, was *metav1.Condition) status.Verdict {
	h, crowded := look.Health, identities(look, was)
	switch {
	case look.Err != nil:
		return status.Unknown(v1alpha1.ReasonStoreUnavailable, "The store does not answer.")
	case look.At.IsZero():
		return status.Keep(was, status.Unknown(v1alpha1.ReasonNotObserved, "The operator has not contacted the store yet."))
	case h.ReadOnly == readOnlyFull:
		return status.False(v1alpha1.ReasonStorageFull,
			"The volume is full, and the store accepts no events. Increase spec.backend.embedded.storage.size, or shorten spec.retention.")
	case h.ReadOnly != "":
		return status.False(v1alpha1.ReasonStoreReadOnly, "The store is read-only: %s.", h.ReadOnly)
	case crowded != nil && crowded.Reason == v1alpha1.ReasonIdentityMemoryFull:
		return *crowded
	case low(h, was != nil && was.Reason == v1alpha1.ReasonStorageLow):
		return status.False(v1alpha1.ReasonStorageLow,
			"The volume is nearly full. Events are still accepted. Increase spec.backend.embedded.storage.size, or shorten spec.retention.")
	case crowded != nil:
		return *crowded
	default:
		return status.True(v1alpha1.ReasonStorageSufficient, "The volume has free space.")
	}
}

// readOnlyFull is Health.ReadOnly of a full store.
const readOnlyFull = "full"

func low(h store.Health, wasLow bool) bool {
	percent, bytes := int64(lowPercent), int64(lowBytes)
	if wasLow {
		percent, bytes = healthyPercent, healthyBytes
	}
	total := h.UsedBytes + h.FreeBytes
	return total > 0 && (h.FreeBytes < bytes || h.FreeBytes/percent < total/100)
}
