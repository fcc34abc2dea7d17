// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// waiting evaluates a source whose senders get 503, or which waits with what it has read, because the store has no memory for new identities of their
// events. It uses what was actually refused in the latest traffic: a nearly full store is no problem for a source of known customers. Without traffic,
// the verdict does not change, because a sender that gave up does not fix anything, unless the store has room again.
func (i *ingestion) waiting() (status.Verdict, bool) {
	t, suffer := i.look.Traffic, either(&i.source.Spec, "get 503", "wait")
	switch {
	case (i.look.Settled || !t.Seen()) && i.room():
		return status.Verdict{}, false
	case !t.Seen():
		return status.Keep(i.was, status.Verdict{}), i.was != nil && i.was.Reason == v1alpha1.ReasonNewIdentitiesRefused
	case t.Waiting == 0:
		return status.Verdict{}, false
	case t.Waiting*100 < notable*(t.Accepted+t.Waiting):
		return status.True(v1alpha1.ReasonNewIdentitiesRefused, "%s. Fewer than %d %% of the events %s: %s", i.up(), notable, suffer, i.whyWaiting()), true
	}
	return status.False(v1alpha1.ReasonNewIdentitiesRefused, "%s of the events %s: %s", share(t.Accepted, t.Waiting), suffer, i.whyWaiting()), true
}

// spare is the percentage of a source's share from which there is hardly any room.
const spare = 90

// room reports whether the store has memory for new identities of the source: within its share, if it is public, and in total.
func (i *ingestion) room() bool {
	h, s := i.look.Store.Health, i.look.State
	if h.IdentityLimit <= 0 {
		return true
	}
	return !i.shareUsed() && (h.Identities+h.IdentityLinks)*100 < store.MostIdentities(h.IdentityLimit, s.Public)*spare
}

// shareUsed reports whether a public source has used its share.
func (i *ingestion) shareUsed() bool {
	s := i.look.State
	return s.Public && s.NewIdentities*100 >= s.IdentityShare*spare
}

func (i *ingestion) whyWaiting() string {
	why := "they have identities that are new to EventStore " + string(i.source.Spec.StoreRef.Name) + ", which has no memory for them. " +
		either(&i.source.Spec, "Events of known customers are accepted. ", "A pod with such an event reads nothing further until the store has memory. ")
	if i.shareUsed() {
		return why + "This public source has used its share of the memory; more memory for the EventStore increases the share."
	}
	return why + "See the condition StorageHealthy of the EventStore."
}
