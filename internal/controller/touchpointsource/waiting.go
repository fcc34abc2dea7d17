// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/status"
)

// roomy is the percentage of the store's memory for identities below which it refuses nobody's.
const roomy = 33

// waiting judges a source whose senders get 503 because the store has no memory for the identities that their events bring. It goes by what was really
// refused in the newest traffic: a store that is nearly full is no trouble of a source of known customers. While nothing comes the verdict stays, as a
// sender that gave up is no cure, unless the store has got room.
func (i *ingestion) waiting() (status.Verdict, bool) {
	t, h, name := i.look.Traffic, i.look.Store.Health, string(i.source.Spec.StoreRef.Name)
	was := i.was != nil && i.was.Reason == v1alpha1.ReasonNewIdentitiesRefused
	switch {
	case (h.Identities+h.IdentityLinks)*100 < roomy*h.IdentityLimit || h.IdentityLimit == 0:
		return status.Verdict{}, false
	case !t.Seen():
		return status.Keep(i.was, status.Verdict{}), was
	case t.Waiting == 0:
		return status.Verdict{}, false
	case t.Waiting*100 < notable*(t.Accepted+t.Waiting):
		return status.True(v1alpha1.ReasonNewIdentitiesRefused, "The pods serve. Fewer than %d %% of the events get 503: %s", notable, whyWaiting(name)), true
	}
	return status.False(v1alpha1.ReasonNewIdentitiesRefused, "%s of the events get 503: %s", share(t.Accepted, t.Waiting), whyWaiting(name)), true
}

func whyWaiting(store string) string {
	return "they bring identities that are new to EventStore " + store + ", which has no memory for them. Events of known customers are taken. " +
		"See StorageHealthy of the EventStore."
}
