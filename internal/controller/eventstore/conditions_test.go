// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func TestAvailable(t *testing.T) {
	was := &metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonStoreAnswering}
	refused := storewatch.Look{Err: errors.New("refused")}
	require.Equal(t, v1alpha1.ReasonNotObserved, available(storewatch.Look{}, nil, noon, noon).Reason)
	require.Equal(t, v1alpha1.ReasonStoreAnswering, available(storewatch.Look{}, was, noon, noon).Reason, "a restart of the operator is no news")
	require.Equal(t, v1alpha1.ReasonStoreAnswering, available(storewatch.Look{At: noon}, nil, noon, noon).Reason)
	away := available(storewatch.Look{At: noon, Err: errors.New("refused")}, was, noon, noon)
	require.Equal(t, metav1.ConditionFalse, away.Status, "a store that answered and does so no more has no time to start")
	require.Contains(t, away.Message, "refused")

	t.Log("a store that never answered starts, for a while")
	v := available(refused, nil, time.Time{}, noon)
	require.Equal(t, metav1.ConditionUnknown, v.Status)
	require.Equal(t, v1alpha1.ReasonStarting, v.Reason)
	unknown := &metav1.Condition{Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonNotObserved, LastTransitionTime: metav1.NewTime(noon)}
	v = available(refused, unknown, noon.Add(-time.Hour), noon.Add(9*time.Minute))
	require.Equal(t, v1alpha1.ReasonStarting, v.Reason, "an operator that comes an hour after the objects is no failure of theirs")
	require.Equal(t, noon.Add(startup), v.Recheck)
	require.Equal(t, v1alpha1.ReasonStarting, available(refused, unknown, noon.Add(5*time.Minute), noon.Add(11*time.Minute)).Reason, "the pod was only made then")
	v = available(refused, unknown, noon, noon.Add(startup))
	require.Equal(t, metav1.ConditionFalse, v.Status, "what never comes up is a failure")
}

func TestStorageHealthy(t *testing.T) {
	const mi = 1 << 20
	look := func(used, free int64, readOnly string) storewatch.Look {
		return storewatch.Look{At: noon, Health: store.Health{UsedBytes: used, FreeBytes: free, ReadOnly: readOnly}}
	}
	low := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonStorageLow}
	for name, tt := range map[string]struct {
		look storewatch.Look
		was  *metav1.Condition
		want string
	}{
		"plenty":                          {look(100*mi, 900*mi, ""), nil, v1alpha1.ReasonStorageSufficient},
		"under 15 percent":                {look(860*mi, 140*mi, ""), nil, v1alpha1.ReasonStorageLow},
		"over 15 percent":                 {look(840*mi, 160*mi, ""), nil, v1alpha1.ReasonStorageSufficient},
		"16 percent after low: no change": {look(840*mi, 160*mi, ""), low, v1alpha1.ReasonStorageLow},
		"over 18 percent is healthy":      {look(800*mi, 200*mi, ""), low, v1alpha1.ReasonStorageSufficient},
		"15 percent are sufficient":       {look(850*mi, 150*mi, ""), nil, v1alpha1.ReasonStorageSufficient},
		"18 percent are sufficient again": {look(820*mi, 180*mi, ""), low, v1alpha1.ReasonStorageSufficient},
		"few bytes on a small volume":     {look(44*mi, 20*mi, ""), nil, v1alpha1.ReasonStorageLow},
		"24 MiB are sufficient":           {look(40*mi, 24*mi, ""), nil, v1alpha1.ReasonStorageSufficient},
		"24 MiB after low: no change":     {look(40*mi, 24*mi, ""), low, v1alpha1.ReasonStorageLow},
		"32 MiB are sufficient again":     {look(40*mi, 32*mi, ""), low, v1alpha1.ReasonStorageSufficient},
		"full":                            {look(999*mi, mi, "full"), low, v1alpha1.ReasonStorageFull},
		"a fault":                         {look(100*mi, 900*mi, "input/output error"), nil, v1alpha1.ReasonStoreReadOnly},
		"away":                            {storewatch.Look{Err: errors.New("x")}, low, v1alpha1.ReasonStoreUnavailable},
		"not polled since a restart":      {storewatch.Look{}, low, v1alpha1.ReasonStorageLow},
		"not polled since its creation":   {storewatch.Look{}, nil, v1alpha1.ReasonNotObserved},
		"a store without numbers":         {look(0, 0, ""), nil, v1alpha1.ReasonStorageSufficient},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, storageHealthy(tt.look, tt.was).Reason) })
	}
}

func TestIdentitiesOfTheStore(t *testing.T) {
	because := func(reason string) *metav1.Condition {
		return &metav1.Condition{Status: metav1.ConditionFalse, Reason: reason}
	}
	look := func(known, limit int64) storewatch.Look {
		return storewatch.Look{At: noon, Bringer: "web", Health: store.Health{Identities: known / 2, IdentityLinks: known - known/2, IdentityLimit: limit, FreeBytes: 1 << 40}}
	}
	for name, tt := range map[string]struct {
		look    storewatch.Look
		was     *metav1.Condition
		reason  string
		message string
	}{
		"few":                             {look(599, 1000), nil, v1alpha1.ReasonStorageSufficient, "free space"},
		"many, but nobody is refused yet": {look(600, 1000), nil, v1alpha1.ReasonIdentityMemoryLow, "60 % full; events with new identities are refused from a public source that has used its share of 70 %"},
		"slightly fewer: no change":       {look(550, 1000), because(v1alpha1.ReasonIdentityMemoryLow), v1alpha1.ReasonIdentityMemoryLow, "55 %"},
		"some memory was released":        {look(550, 1000), because(v1alpha1.ReasonIdentityMemoryFull), v1alpha1.ReasonIdentityMemoryLow, "55 %"},
		"fewer":                           {look(549, 1000), because(v1alpha1.ReasonIdentityMemoryFull), v1alpha1.ReasonStorageSufficient, "free space"},
		"public ones use their share":     {look(700, 1000), nil, v1alpha1.ReasonIdentityMemoryLow, "events with new identities are refused from public sources that have used their share, at 100 %"},
		"public ones have a part of their share left": {look(800, 1000), nil, v1alpha1.ReasonIdentityMemoryLow, "80 % full: events with new identities are refused from all public sources, at 100 %"},
		"no new identities":                           {look(1000, 1000), nil, v1alpha1.ReasonIdentityMemoryFull, "limits.memory; source web added most of them"},
		"the memory limit was decreased":              {look(5000, 1000), nil, v1alpha1.ReasonIdentityMemoryFull, "(500 %)"},
		"a store without a limit":                     {look(5000, 0), nil, v1alpha1.ReasonStorageSufficient, "free space"},
	} {
		t.Run(name, func(t *testing.T) {
			v := storageHealthy(tt.look, tt.was)
			require.Equal(t, tt.reason, v.Reason)
			require.Contains(t, v.Message, tt.message)
		})
	}
	full := look(1000, 1000)
	full.Health.FreeBytes, full.Health.UsedBytes = 1, 1<<30
	require.Equal(t, v1alpha1.ReasonIdentityMemoryFull, storageHealthy(full, nil).Reason, "what refuses events comes before what will")
	many := look(700, 1000)
	many.Health.FreeBytes, many.Health.UsedBytes = 1, 1<<30
	require.Equal(t, v1alpha1.ReasonStorageLow, storageHealthy(many, nil).Reason)
}

func TestMoved(t *testing.T) {
	st := &v1alpha1.EventStoreStatus{Used: "x", Events: new(int64(5)), Volume: v1alpha1.StoreVolume{UsedBytes: new(int64(100)), FreeBytes: new(int64(10_000))}}
	require.False(t, moved(st, store.Health{Events: 5, UsedBytes: 100, FreeBytes: 9_950}), "others write to the disk too")
	require.True(t, moved(st, store.Health{Events: 5, UsedBytes: 100, FreeBytes: 9_000}))
	require.True(t, moved(st, store.Health{Events: 6, UsedBytes: 100, FreeBytes: 10_000}))
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1 << 20: "1.00 MiB", 1288490189: "1.20 GiB", 10 << 30: "10.0 GiB", 300 << 30: "300 GiB"} {
		require.Equal(t, want, bytes(n))
	}
}
