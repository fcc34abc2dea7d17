// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventstore

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

func TestLostData(t *testing.T) {
	es := &v1alpha1.EventStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "main"},
		Status:     v1alpha1.EventStoreStatus{Volume: v1alpha1.StoreVolume{StoreID: "aa", Seq: 70, IdentityVersion: 9}},
	}
	look := func(id string, seq, version int64) storewatch.Look {
		return storewatch.Look{At: noon, Health: store.Health{ID: id, Snapshot: store.Snapshot{Seq: seq, IdentityVersion: version}}}
	}
	require.Nil(t, lostData(&v1alpha1.EventStore{}, look("aa", 0, 0), nil), "a new store")
	require.Nil(t, lostData(es, look("aa", 70, 9), nil))
	require.Nil(t, lostData(es, look("aa", 71, 10), nil))
	require.Nil(t, lostData(es, storewatch.Look{At: noon, Err: errors.New("x")}, nil), "not known while it does not answer")
	for name, l := range map[string]storewatch.Look{
		"another store": look("bb", 0, 0), "another store that has more": look("bb", 900, 90),
		"an earlier state": look("aa", 69, 9), "earlier persons": look("aa", 70, 8),
	} {
		t.Run(name, func(t *testing.T) {
			v := lostData(es, l, nil)
			require.NotNil(t, v)
			require.Equal(t, metav1.ConditionFalse, v.Status)
			require.Contains(t, v.Message, "kubectl -n shop annotate --overwrite es/main journeyman.dev/accept-store="+offer(l.Health, &es.Status))
		})
	}

	v := lostData(es, look("bb", 3, 1), nil)
	was := &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
	require.Equal(t, v, lostData(es, look("bb", 4, 1), was), "what comes now is no news")
	require.Equal(t, v, lostData(es, storewatch.Look{}, was), "nor is a restart of the operator")
	early := lostData(es, look("aa", 69, 9), nil)
	require.NotNil(t, lostData(es, look("aa", 99, 9), &metav1.Condition{Status: early.Status, Reason: early.Reason, Message: early.Message}),
		"a state that has gone on since is still not the one that was there")
	require.Nil(t, lostData(es, look("aa", 70, 9), was), "the volume is back")

	es.Annotations = map[string]string{v1alpha1.AcceptStoreAnnotation: "bb@3-for-aa@70"}
	require.Nil(t, lostData(es, look("bb", 5, 1), was), "accepted")
	require.NotNil(t, lostData(es, look("bb", 2, 1), nil), "an even earlier state was not")
	later := es.DeepCopy()
	later.Status = v1alpha1.EventStoreStatus{Volume: v1alpha1.StoreVolume{StoreID: "bb", Seq: 900, IdentityVersion: 90}}
	for _, seq := range []int64{899, 100, 3} {
		v := lostData(later, look("bb", seq, 1), nil)
		require.NotNil(t, v, "what is lost later was not accepted by what was accepted before")
		again := &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
		require.NotNil(t, lostData(later, look("bb", seq, 1), again))
	}
	es.Annotations[v1alpha1.AcceptStoreAnnotation] = "bb"
	require.NotNil(t, lostData(es, look("bb", 5, 1), was))
}

// Data that was observed after the last write of the status is also reported as lost, until the loss is accepted.
func TestLostSinceTheStatus(t *testing.T) {
	es := &v1alpha1.EventStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "main", UID: "1"},
		Status:     v1alpha1.EventStoreStatus{Volume: v1alpha1.StoreVolume{StoreID: "aa", Seq: 70, IdentityVersion: 9}},
	}
	look := func(seq, version int64) storewatch.Look {
		return storewatch.Look{At: noon, Health: store.Health{ID: "aa", Snapshot: store.Snapshot{Seq: seq, IdentityVersion: version}}}
	}
	var m marks
	require.Nil(t, m.lost(es, look(80, 9), nil))
	require.Nil(t, m.lost(es, look(90, 12), nil))
	require.Nil(t, m.lost(es, look(90, 12), nil))
	require.EqualValues(t, 70, es.Status.Volume.Seq, "that more was seen is no reason to write the status")
	require.EqualValues(t, 9, es.Status.Volume.IdentityVersion)
	require.Nil(t, m.lost(es, storewatch.Look{Err: errors.New("away")}, nil), "which does not make it forget what was seen")
	v := m.lost(es, look(85, 12), nil)
	require.NotNil(t, v)
	require.Contains(t, v.Message, "the newest commit is 85, was 90")
	require.EqualValues(t, 90, es.Status.Volume.Seq, "which outlives the operator")
	was := &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
	require.NotNil(t, m.lost(es, look(95, 12), was))

	es.Annotations = map[string]string{v1alpha1.AcceptStoreAnnotation: "aa@85-for-aa@90"}
	require.Nil(t, m.lost(es, look(95, 12), was))
	es.Status.Volume.Seq = 85
	require.Nil(t, m.lost(es, look(96, 12), nil))
	v = m.lost(es, look(96, 11), nil)
	require.NotNil(t, v)
	require.Contains(t, v.Message, "the version of the identity table is 11, was 12")
}
