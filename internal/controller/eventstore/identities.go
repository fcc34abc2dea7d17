// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// More than manyPercent of the identities that the memory allows are too many, less than fewPercent are few enough again. This is before the store
	// refuses events, so that somebody can act.
	manyPercent, fewPercent = 60, 55
	fullPercent             = 100
)

// identities reports that the store's memory for identities is running out, or returns nil.
func identities(look storewatch.Look, was *metav1.Condition) *status.Verdict {
	percent := identityPercent(look.Health)
	many := int64(manyPercent)
	if was != nil && (was.Reason == v1alpha1.ReasonIdentityMemoryLow || was.Reason == v1alpha1.ReasonIdentityMemoryFull) {
		many = fewPercent
	}
	var v status.Verdict
	switch {
	case percent >= fullPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryFull, "The memory for identities is full (%d %%): events with new identities are refused "+
			"(senders get 503, sources that read wait), events of known identities are accepted. %s", percent, remedy(look.Bringer))
	case percent >= store.LateIdentityPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full: events with new identities are refused from all "+
			"public sources, at 100 %% from all sources. %s", percent, remedy(look.Bringer))
	case percent >= store.PublicIdentityPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full: events with new identities are refused from public "+
			"sources that have used their share, at 100 %% from all sources. %s", percent, remedy(look.Bringer))
	case percent >= many:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full; events with new identities are refused from a public "+
			"source that has used its share of %d %%, at 100 %% from all sources. %s", percent, store.PublicIdentityPercent, remedy(look.Bringer))
	default:
		return nil
	}
	return &v
}

func remedy(bringer string) string {
	const memory = "Increase spec.pod.resources.limits.memory"
	if bringer == "" {
		return memory + "."
	}
	return memory + "; source " + bringer + " added most of them: check what it sends."
}

// identityPercent returns the usage of the memory for identities, rounded down.
func identityPercent(h store.Health) int64 {
	if h.IdentityLimit <= 0 {
		return 0
	}
	return (h.Identities + h.IdentityLinks) * 100 / h.IdentityLimit
}
