// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// The condition depends on events that were refused because of new identities, not on how full the store is, and not on invalid events.
func TestNewIdentitiesRefused(t *testing.T) {
	crowded := store.Health{Identities: 500, IdentityLinks: 500, IdentityLimit: 1000}
	settled, state := false, store.SourceState{}
	evaluate := func(h store.Health, traffic storewatch.Traffic, was *metav1.Condition) status.Verdict {
		i := ingestion{
			source: source("", noon), store: &v1alpha1.EventStore{}, workload: deployment(1, 1), was: was, now: noon,
			look: storewatch.SourceLook{Store: storewatch.Look{At: noon, Health: h}, Known: true, Traffic: traffic, Settled: settled, State: state},
		}
		return i.available()
	}
	require.Equal(t, v1alpha1.ReasonServing, evaluate(crowded, storewatch.Traffic{Accepted: 100}, nil).Reason, "a full store is no trouble of known customers")
	require.Equal(t, v1alpha1.ReasonServing, evaluate(crowded, storewatch.Traffic{Accepted: 10, Rejected: 90}, nil).Reason)

	all := evaluate(crowded, storewatch.Traffic{Waiting: 3}, nil)
	require.Equal(t, metav1.ConditionFalse, all.Status)
	require.Equal(t, v1alpha1.ReasonNewIdentitiesRefused, all.Reason)
	require.Equal(t, "All of the events get 503: they have identities that are new to EventStore main, which has no memory for them. "+
		"Events of known customers are accepted. See the condition StorageHealthy of the EventStore.", all.Message)
	was := &metav1.Condition{Status: all.Status, Reason: all.Reason, Message: all.Message}
	require.Equal(t, all.Message, evaluate(crowded, storewatch.Traffic{Waiting: 900}, was).Message, "another number is no news")
	require.Equal(t, all.Reason, evaluate(crowded, storewatch.Traffic{}, was).Reason, "silence is no cure")
	require.Equal(t, v1alpha1.ReasonServing, evaluate(crowded, storewatch.Traffic{Accepted: 1}, was).Reason, "the store has taken what came")
	roomier := crowded
	roomier.IdentityLimit = 10_000
	require.Equal(t, v1alpha1.ReasonServing, evaluate(roomier, storewatch.Traffic{}, was).Reason, "the store has got memory")
	require.Equal(t, all.Reason, evaluate(roomier, storewatch.Traffic{Waiting: 3}, was).Reason, "what is refused now goes before what there is room for")
	settled = true
	require.Equal(t, v1alpha1.ReasonServing, evaluate(roomier, storewatch.Traffic{Waiting: 3}, was).Reason, "and what was refused before the store got memory does not")
	state = store.SourceState{Public: true, NewIdentities: 95, IdentityShare: 100}
	require.Contains(t, evaluate(roomier, storewatch.Traffic{Waiting: 3}, was).Message, "has used its share", "although the store has room")
	settled, state = false, store.SourceState{}

	few := evaluate(crowded, storewatch.Traffic{Accepted: 960, Waiting: 40}, nil)
	require.Equal(t, metav1.ConditionTrue, few.Status, "one stranger does not make it unavailable")
	require.Equal(t, v1alpha1.ReasonNewIdentitiesRefused, few.Reason, "but it is not without a word")
	require.Equal(t, metav1.ConditionFalse, evaluate(crowded, storewatch.Traffic{Accepted: 95, Waiting: 5}, nil).Status)
	require.Equal(t, metav1.ConditionTrue, evaluate(crowded, storewatch.Traffic{Accepted: 96, Waiting: 5}, nil).Status, "the share is that of all events")
	full := store.Health{Identities: 1000, IdentityLimit: 1000}
	require.Equal(t, v1alpha1.ReasonServing, evaluate(full, storewatch.Traffic{}, nil).Reason, "nobody was refused yet")

	calm := rejecting(storewatch.SourceLook{Store: storewatch.Look{At: noon}, Known: true, Traffic: storewatch.Traffic{Waiting: 9}}, nil)
	require.Equal(t, metav1.ConditionFalse, calm.Status, "nothing is wrong with these events")
	require.Contains(t, calm.Message, "Some wait for memory in the store")
}

// A request whose records cannot be read is sent again: nothing is rejected, but it is not without a word. Another example is no news.
func TestUnreadRecordsAreNotRejected(t *testing.T) {
	look := func(traffic storewatch.Traffic) storewatch.SourceLook {
		return storewatch.SourceLook{Store: storewatch.Look{At: noon}, Known: true, Traffic: traffic}
	}
	calm := rejecting(look(storewatch.Traffic{Unread: 9, UnreadExample: "api.example.com answers 401"}), nil)
	require.Equal(t, metav1.ConditionFalse, calm.Status)
	require.Equal(t, v1alpha1.ReasonNoRejections, calm.Reason)
	require.Equal(t, "No event was rejected recently. Some requests get 503, as record-unread in rejectReasons, until their records can be read "+
		"(api.example.com answers 401)", calm.Message)
	was := &metav1.Condition{Status: calm.Status, Reason: calm.Reason, Message: calm.Message}
	require.Equal(t, calm.Message, rejecting(look(storewatch.Traffic{Unread: 1, UnreadExample: "another"}), was).Message)
	require.Equal(t, "No event was rejected recently.", rejecting(look(storewatch.Traffic{Accepted: 1}), was).Message, "the records were read")
}

// A source that has used nine tenths of its share has no room for new identities.
func TestRoomForNewIdentities(t *testing.T) {
	room := func(known, limit int64, s store.SourceState) bool {
		h := store.Health{Identities: known - 1, IdentityLinks: 1, IdentityLimit: limit}
		return (&ingestion{look: storewatch.SourceLook{Store: storewatch.Look{Health: h}, State: s}}).room()
	}
	for name, tt := range map[string]struct {
		known, limit int64
		state        store.SourceState
		want         bool
	}{
		"a store without a limit":          {5000, 0, store.SourceState{}, true},
		"just below the limit":             {899, 1000, store.SourceState{}, true},
		"at the limit":                     {900, 1000, store.SourceState{}, false},
		"public sources: below 80 percent": {719, 1000, store.SourceState{Public: true, IdentityShare: 100}, true},
		"public sources: 80 percent":       {720, 1000, store.SourceState{Public: true, IdentityShare: 100}, false},
		"a share that is almost used":      {1, 1000, store.SourceState{Public: true, NewIdentities: 90, IdentityShare: 100}, false},
		"a share below 90 percent":         {1, 1000, store.SourceState{Public: true, NewIdentities: 89, IdentityShare: 100}, true},
		"a trusted source has no share":    {1, 1000, store.SourceState{NewIdentities: 90, IdentityShare: 100}, true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, room(tt.known, tt.limit, tt.state)) })
	}
}

// In a store without a limit, a source whose events were refused before has room, even while no events arrive.
func TestStoreWithoutLimit(t *testing.T) {
	i := &ingestion{source: source("", noon), store: &v1alpha1.EventStore{}, workload: deployment(1, 1), look: heard(noon, noon), now: noon}
	i.was = &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonNewIdentitiesRefused}
	require.Equal(t, v1alpha1.ReasonServing, i.available().Reason)
}
