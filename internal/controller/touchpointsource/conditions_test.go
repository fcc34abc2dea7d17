// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package touchpointsource

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/storewatch"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func source(every v1alpha1.Duration, created time.Time) *v1alpha1.TouchpointSource {
	return &v1alpha1.TouchpointSource{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", CreationTimestamp: metav1.NewTime(created)},
		Spec: v1alpha1.TouchpointSourceSpec{
			StoreRef: v1alpha1.LocalReference{Name: "main"}, ExpectEvery: every,
			Transport: v1alpha1.Transport{Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "write-key"}}},
		},
	}
}

// heard is a look at a source that was heard from, with an answer of the store at a time.
func heard(last, answered time.Time) storewatch.SourceLook {
	l := storewatch.SourceLook{Store: storewatch.Look{At: answered}, Known: true}
	if !last.IsZero() {
		l.State.NewestReceivedAt = last.UnixMicro()
	}
	return l
}

func TestFresh(t *testing.T) {
	old := noon.Add(-24 * time.Hour)
	suspended := source("1h", old)
	suspended.Spec.Suspend = ptr.To(true)
	was := &metav1.Condition{Status: metav1.ConditionTrue, Reason: "WithinExpectation", Message: "as before"}
	for name, tt := range map[string]struct {
		source *v1alpha1.TouchpointSource
		look   storewatch.SourceLook
		was    *metav1.Condition
		want   metav1.ConditionStatus
		reason string
		again  time.Time
		ask    bool
	}{
		"suspended":            {suspended, heard(noon, noon), nil, "Unknown", v1alpha1.ReasonSuspended, time.Time{}, false},
		"no expectation":       {source("", old), heard(old, noon), nil, "True", v1alpha1.ReasonNoExpectation, time.Time{}, false},
		"store away":           {source("1h", old), storewatch.SourceLook{Store: storewatch.Look{Err: errors.New("x")}}, was, "Unknown", v1alpha1.ReasonStoreUnavailable, time.Time{}, false},
		"not asked, first":     {source("1h", old), storewatch.SourceLook{}, nil, "Unknown", v1alpha1.ReasonNotObserved, time.Time{}, false},
		"not asked, restarted": {source("1h", old), storewatch.SourceLook{}, was, "True", v1alpha1.ReasonWithinExpectation, time.Time{}, false},
		"in time, deadline is exact": {source("1h", old), heard(noon.Add(-20*time.Minute), noon), nil, "True", v1alpha1.ReasonWithinExpectation,
			noon.Add(40 * time.Minute), false},
		"overdue by an old answer: ask first": {source("1h", old), heard(noon.Add(-time.Hour), noon.Add(-time.Second)), was, "True", v1alpha1.ReasonWithinExpectation, time.Time{}, true},
		"overdue by a new answer":             {source("1h", old), heard(noon.Add(-time.Hour), noon), was, "False", v1alpha1.ReasonSourceStale, time.Time{}, false},
		"never received, young": {source("1h", noon.Add(-time.Minute)), heard(time.Time{}, noon), nil, "True", v1alpha1.ReasonWithinExpectation,
			noon.Add(59 * time.Minute), false},
		"never received, old": {source("1h", old), heard(time.Time{}, noon), nil, "False", v1alpha1.ReasonNeverReceived, time.Time{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			v, ask := fresh(tt.source, tt.look, tt.was, noon)
			require.Equal(t, tt.want, v.Status)
			require.Equal(t, tt.reason, v.Reason)
			require.True(t, tt.again.Equal(v.Recheck), "again at %s", v.Recheck)
			require.Equal(t, tt.ask, ask)
		})
	}
}

func TestRejecting(t *testing.T) {
	at := storewatch.Look{At: noon}
	traffic := func(accepted, rejected int64, example string) storewatch.SourceLook {
		return storewatch.SourceLook{Store: at, Known: true, Traffic: storewatch.Traffic{
			Accepted: accepted, Rejected: rejected, Reason: "bad-token", Example: example, ByReason: map[string]int64{"bad-token": rejected},
		}}
	}
	bad := rejecting(traffic(0, 3, "first"), nil)
	require.Equal(t, metav1.ConditionTrue, bad.Status)
	require.Equal(t, "All of the events are refused, most of them for bad-token (first). See status.topReasons.", bad.Message)
	was := &metav1.Condition{Status: bad.Status, Reason: bad.Reason, Message: bad.Message}
	require.Equal(t, bad, rejecting(traffic(0, 9, "second"), was), "another example is no news")
	require.Equal(t, bad, rejecting(storewatch.SourceLook{Store: at}, was), "silence is no cure")
	require.Equal(t, v1alpha1.ReasonNothingRejected, rejecting(traffic(5, 0, ""), was).Reason)
	require.Equal(t, v1alpha1.ReasonRejectionsFew, rejecting(traffic(96, 4, "x"), was).Reason)
	require.Equal(t, v1alpha1.ReasonEventsRejected, rejecting(traffic(95, 5, "x"), nil).Reason)
	require.Equal(t, v1alpha1.ReasonNotObserved, rejecting(storewatch.SourceLook{}, nil).Reason)
	require.Equal(t, v1alpha1.ReasonNothingRejected, rejecting(storewatch.SourceLook{Store: at}, nil).Reason)
}

func TestIngestionAvailable(t *testing.T) {
	up := &appsv1.Deployment{Status: appsv1.DeploymentStatus{
		AvailableReplicas: 1, Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue}},
	}}
	stuck := &appsv1.Deployment{Status: appsv1.DeploymentStatus{
		Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "quota exceeded"}},
	}}
	s, ok := source("1h", noon), heard(noon, noon)
	missing := func(example string) storewatch.SourceLook {
		l := heard(noon, noon)
		l.Traffic = storewatch.Traffic{Rejected: 1, ByReason: map[string]int64{"secret-missing": 1}}
		l.State.Counters.Rejected = map[string]store.Rejection{"secret-missing": {Count: 1, Example: example}}
		return l
	}
	served := heard(noon, noon)
	served.Traffic = storewatch.Traffic{Accepted: 1}
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "main"}, Spec: v1alpha1.EventStoreSpec{
		Privacy: &v1alpha1.PrivacyPolicy{PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}},
	}}

	require.Equal(t, v1alpha1.ReasonServing, ingestionAvailable(s, es, up, ok, nil).Reason)
	require.Equal(t, v1alpha1.ReasonRolloutIncomplete, ingestionAvailable(s, es, nil, ok, nil).Reason)
	require.Equal(t, "0 of 1 pods are available. quota exceeded", ingestionAvailable(s, es, stuck, ok, nil).Message)
	away := storewatch.SourceLook{Store: storewatch.Look{At: noon, Err: errors.New("x")}}
	require.Equal(t, v1alpha1.ReasonStoreUnavailable, ingestionAvailable(s, es, up, away, nil).Reason)
	require.Equal(t, v1alpha1.ReasonNotObserved, ingestionAvailable(s, es, up, storewatch.SourceLook{}, nil).Reason)

	v := ingestionAvailable(s, es, up, missing("no write key"), nil)
	require.Equal(t, v1alpha1.ReasonSecretNotFound, v.Reason)
	require.Contains(t, v.Message, "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret): no write key")
	was := &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
	require.Equal(t, v1alpha1.ReasonSecretNotFound, ingestionAvailable(s, es, up, ok, was).Reason, "without traffic it stays")
	require.Equal(t, v1alpha1.ReasonServing, ingestionAvailable(s, es, up, served, was).Reason)
	v = ingestionAvailable(s, es, up, missing("the pepper is missing"), nil)
	require.Contains(t, v.Message, "EventStore main spec.privacy.pepperSecretRef (Secret pepper, key journeyman-pepper)")
}

func TestCountersAreBounded(t *testing.T) {
	state := store.SourceState{Counters: store.Counters{Accepted: 7, Rejected: map[string]store.Rejection{}}}
	for i, reason := range []string{"a", "b", "c", "d", "e", "f"} {
		state.Counters.Rejected[reason] = store.Rejection{Count: int64(i + 1), Example: string(make([]byte, 5000)) + "x"}
	}
	st := counters(state)
	require.Equal(t, int64(21), st.Rejected)
	require.Len(t, st.TopReasons, 5)
	require.Equal(t, "f", st.TopReasons[0].Reason)
	require.Equal(t, "x", st.TopReasons[0].Example)
	require.Nil(t, st.NewestEventTime)
}

// What makes numbers wrong in silence is said in words, which rest while the numbers grow.
func TestAdvice(t *testing.T) {
	spec := source("1h", noon).Spec
	few := store.SourceState{Duplicates: 99, Counters: store.Counters{Accepted: 100}}
	require.Empty(t, advice(&spec, &few))
	half := store.SourceState{Duplicates: 150, Counters: store.Counters{Accepted: 300, WithoutID: 7}}
	first := advice(&spec, &half)
	require.Len(t, first, 2)
	require.Contains(t, first[0], "withoutID")
	require.Contains(t, first[0], "a messageId, or a timestamp")
	require.Contains(t, first[1], "several events have one id")
	half.Counters.WithoutID, half.Duplicates = 700, 299
	require.Equal(t, first, advice(&spec, &half))
	for _, text := range first {
		require.LessOrEqual(t, len(text), 512)
	}
	spec.Transport = v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{}}
	require.Contains(t, advice(&spec, &half)[0], "spec.mapping[].event.id")

	st := counters(half)
	require.EqualValues(t, 299, st.Duplicates)
	require.EqualValues(t, 700, st.WithoutID)
	require.False(t, same(&v1alpha1.TouchpointSourceStatus{Accepted: 300, WithoutID: 700}, st), "another number of duplicates is a reason to write")
}
