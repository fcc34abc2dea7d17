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
	// manyPercent of the identities that memory allows are too many, fewPercent are few enough again. That is before the store refuses anybody, so
	// that somebody can act.
	manyPercent, fewPercent = 60, 55
	fullPercent             = 100
)

// identities says that the store's memory for identities ends, nil while it does not.
func identities(look storewatch.Look, was *metav1.Condition) *status.Verdict {
	percent := identityPercent(look.Health)
	many := int64(manyPercent)
	if was != nil && (was.Reason == v1alpha1.ReasonIdentityMemoryLow || was.Reason == v1alpha1.ReasonIdentityMemoryFull) {
		many = fewPercent
	}
	var v status.Verdict
	switch {
	case percent >= fullPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryFull, "The memory for identities is full (%d %%): events with new identities get 503, "+
			"events of known identities are accepted. %s", percent, remedy(look.Bringer))
	case percent >= store.LateIdentityPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full: events with new identities get 503 from all "+
			"public sources, at 100 %% from all sources. %s", percent, remedy(look.Bringer))
	case percent >= store.PublicIdentityPercent:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full: events with new identities get 503 from public "+
			"sources that have used their share, at 100 %% from all sources. %s", percent, remedy(look.Bringer))
	case percent >= many:
		v = status.False(v1alpha1.ReasonIdentityMemoryLow, "The store's memory for identities is %d %% full; events with new identities get 503 from a public "+
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

// identityPercent returns how full the memory for identities is, rounded down.
func identityPercent(h store.Health) int64 {
	if h.IdentityLimit <= 0 {
		return 0
	}
	return (h.Identities + h.IdentityLinks) * 100 / h.IdentityLimit
}
