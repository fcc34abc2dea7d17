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
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store"
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

// heard returns the state of a source with a last event, from a poll at a given time.
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
		source    *v1alpha1.TouchpointSource
		look      storewatch.SourceLook
		receiving time.Time
		was       *metav1.Condition
		want      metav1.ConditionStatus
		reason    string
		again     time.Time
		ask       bool
	}{
		"suspended":                      {suspended, heard(noon, noon), old, nil, "Unknown", v1alpha1.ReasonSuspended, time.Time{}, false},
		"no expectation":                 {source("", old), heard(old, noon), old, nil, "True", v1alpha1.ReasonNoExpectation, time.Time{}, false},
		"never received, no expectation": {source("", old), heard(time.Time{}, noon), old, nil, "Unknown", v1alpha1.ReasonNotObserved, time.Time{}, false},
		"store not available":            {source("1h", old), storewatch.SourceLook{Store: storewatch.Look{Err: errors.New("x")}}, old, was, "Unknown", v1alpha1.ReasonStoreUnavailable, time.Time{}, false},
		"not polled yet":                 {source("1h", old), storewatch.SourceLook{}, old, nil, "Unknown", v1alpha1.ReasonNotObserved, time.Time{}, false},
		"not polled since a restart":     {source("1h", old), storewatch.SourceLook{}, old, was, "True", v1alpha1.ReasonWithinExpectation, time.Time{}, false},
		"in time, deadline is exact": {source("1h", old), heard(noon.Add(-20*time.Minute), noon), old, nil, "True", v1alpha1.ReasonWithinExpectation,
			noon.Add(40 * time.Minute), false},
		"overdue by an old answer: ask first": {source("1h", old), heard(noon.Add(-time.Hour), noon.Add(-time.Second)), old, was, "True", v1alpha1.ReasonWithinExpectation, time.Time{}, true},
		"overdue by a new answer":             {source("1h", old), heard(noon.Add(-time.Hour), noon), old, was, "False", v1alpha1.ReasonSourceStale, time.Time{}, false},
		"overdue while it cannot receive":     {source("1h", old), heard(noon.Add(-time.Hour), noon), time.Time{}, was, "False", v1alpha1.ReasonSourceStale, time.Time{}, false},
		"available again for a minute": {source("1h", old), heard(noon.Add(-9*time.Hour), noon), noon.Add(-time.Minute), was, "Unknown", v1alpha1.ReasonNotObserved,
			noon.Add(59 * time.Minute), false},
		"never received, young": {source("1h", old), heard(time.Time{}, noon), noon.Add(-time.Minute), nil, "Unknown", v1alpha1.ReasonNotObserved,
			noon.Add(59 * time.Minute), false},
		"never received, not available": {source("1h", old), heard(time.Time{}, noon), time.Time{}, nil, "Unknown", v1alpha1.ReasonNotObserved, time.Time{}, false},
		"never received, old":           {source("1h", old), heard(time.Time{}, noon), old, nil, "False", v1alpha1.ReasonNeverReceived, time.Time{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			v, ask := (&silence{source: tt.source, look: tt.look, receiving: tt.receiving, was: tt.was, now: noon}).fresh()
			require.Equal(t, tt.want, v.Status)
			require.Equal(t, tt.reason, v.Reason)
			require.True(t, tt.again.Equal(v.Recheck), "again at %s", v.Recheck)
			require.Equal(t, tt.ask, ask)
		})
	}
}

// A source is not silent during the time when it could not receive events.
func TestReceivingSince(t *testing.T) {
	require.Zero(t, receivingSince(nil))
	require.Zero(t, receivingSince(&metav1.Condition{Status: metav1.ConditionFalse, LastTransitionTime: metav1.NewTime(noon)}))
	require.Equal(t, noon, receivingSince(&metav1.Condition{Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(noon)}))
}

func TestRejecting(t *testing.T) {
	at := storewatch.Look{At: noon}
	traffic := func(accepted, rejected int64, example string) storewatch.SourceLook {
		return storewatch.SourceLook{Store: at, Known: true, Traffic: storewatch.Traffic{
			Accepted: accepted, Rejected: rejected, Reason: "bad-time", Example: example,
		}}
	}
	bad := rejecting(traffic(0, 3, "first"), nil)
	require.Equal(t, metav1.ConditionTrue, bad.Status)
	require.Equal(t, "All of the events are rejected, most of them for bad-time (first). See status.rejectReasons.", bad.Message)
	was := &metav1.Condition{Status: bad.Status, Reason: bad.Reason, Message: bad.Message}
	require.Equal(t, bad, rejecting(traffic(0, 9, "second"), was), "another example is no news")
	require.Equal(t, bad, rejecting(storewatch.SourceLook{Store: at}, was), "silence is no cure")
	require.Equal(t, "No event was rejected recently.", rejecting(traffic(5, 0, ""), was).Message)
	require.Equal(t, "At least half of the events are rejected, most of them for bad-time (x). See status.rejectReasons.", rejecting(traffic(3, 3, "x"), was).Message)
	require.Equal(t, "At least 5 % of the events are rejected, most of them for bad-time (x). See status.rejectReasons.", rejecting(traffic(4, 3, "x"), was).Message)
	require.Equal(t, v1alpha1.ReasonFewRejections, rejecting(traffic(96, 4, "x"), was).Reason)
	require.Equal(t, v1alpha1.ReasonEventsRejected, rejecting(traffic(95, 5, "x"), nil).Reason)
	require.Equal(t, v1alpha1.ReasonFewRejections, rejecting(traffic(96, 5, "x"), nil).Reason, "the share is that of all events")
	require.Equal(t, v1alpha1.ReasonNotObserved, rejecting(storewatch.SourceLook{}, nil).Reason)
	away := storewatch.SourceLook{Store: storewatch.Look{At: noon, Err: errors.New("away")}}
	require.Equal(t, v1alpha1.ReasonStoreUnavailable, rejecting(away, nil).Reason)
	require.Equal(t, bad, rejecting(away, was), "a store that is away is no cure")
	unknown := &metav1.Condition{Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonStoreUnavailable}
	require.Equal(t, v1alpha1.ReasonStoreUnavailable, rejecting(storewatch.SourceLook{}, unknown).Reason, "a restarted operator")
	require.Equal(t, v1alpha1.ReasonNoRejections, rejecting(storewatch.SourceLook{Store: at}, unknown).Reason, "the store has answered")
	require.Equal(t, v1alpha1.ReasonNoRejections, rejecting(storewatch.SourceLook{Store: at}, nil).Reason)
	require.Equal(t, v1alpha1.ReasonNoRejections, rejecting(storewatch.SourceLook{Store: at, Traffic: storewatch.Traffic{Unauthorized: 1000}}, nil).Reason,
		"anybody can send wrong keys")
}

// deployment returns a Deployment with the given numbers of available and wanted pods, created at noon.
func deployment(serving, wanted int32, conditions ...appsv1.DeploymentCondition) *appsv1.Deployment {
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(noon)},
		Spec:       appsv1.DeploymentSpec{Replicas: &wanted},
		Status:     appsv1.DeploymentStatus{AvailableReplicas: serving, Conditions: conditions},
	}
}

func pepperedStore() *v1alpha1.EventStore {
	return &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "main"}, Spec: v1alpha1.EventStoreSpec{
		Privacy: &v1alpha1.PrivacyPolicy{PepperSecretRef: &v1alpha1.SecretKeyReference{Name: "pepper"}},
	}}
}

func TestIngestionAvailable(t *testing.T) {
	up, s, es := deployment(1, 1), source("1h", noon), pepperedStore()
	quota := appsv1.DeploymentCondition{Type: appsv1.DeploymentReplicaFailure, Status: corev1.ConditionTrue, Message: "quota exceeded"}
	late := appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Message: "has timed out progressing"}
	unknown := &metav1.Condition{Status: metav1.ConditionUnknown, LastTransitionTime: metav1.NewTime(noon)}
	served := &metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonServing}
	halted := &metav1.Condition{Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonSuspended}
	ok, away := heard(noon, noon), storewatch.SourceLook{Store: storewatch.Look{Err: errors.New("x")}}
	readOnly := func(why string) storewatch.SourceLook {
		l := heard(noon, noon)
		l.Store.Health.ReadOnly = why
		return l
	}
	gone := es.DeepCopy()
	gone.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionAvailable, Status: metav1.ConditionFalse}}
	for name, tt := range map[string]struct {
		store    *v1alpha1.EventStore
		workload *appsv1.Deployment
		look     storewatch.SourceLook
		was      *metav1.Condition
		age      time.Duration
		want     metav1.ConditionStatus
		reason   string
	}{
		"everything is available":     {es, up, ok, nil, 0, "True", v1alpha1.ReasonServing},
		"pods do not exist yet":       {es, nil, ok, nil, 0, "Unknown", v1alpha1.ReasonStarting},
		"pods were deleted":           {es, nil, ok, served, 0, "False", v1alpha1.ReasonRolloutIncomplete},
		"pods start":                  {es, deployment(0, 2), ok, unknown, time.Minute, "Unknown", v1alpha1.ReasonStarting},
		"pods never became available": {es, deployment(0, 2), ok, unknown, startup, "False", v1alpha1.ReasonRolloutIncomplete},
		"pods never became available, according to their controller": {es, deployment(0, 2, late), ok, unknown, time.Minute, "False", v1alpha1.ReasonRolloutIncomplete},
		"a quota refuses the first pods":                             {es, deployment(0, 2, quota), ok, nil, 0, "False", v1alpha1.ReasonRolloutIncomplete},
		"pods became unavailable":                                    {es, deployment(0, 2), ok, served, time.Minute, "False", v1alpha1.ReasonRolloutIncomplete},
		"one of ten is available":                                    {es, deployment(1, 10), ok, served, time.Minute, "True", v1alpha1.ReasonServing},
		"the store starts":                                           {es, up, away, unknown, time.Minute, "Unknown", v1alpha1.ReasonStarting},
		"the store never became available":                           {gone, up, away, unknown, time.Minute, "False", v1alpha1.ReasonStoreUnavailable},
		"the store became unavailable":                               {es, up, away, served, 0, "False", v1alpha1.ReasonStoreUnavailable},
		"the store became unavailable while suspended":               {es, up, away, halted, 0, "False", v1alpha1.ReasonStoreUnavailable},
		"the store was not polled":                                   {es, up, storewatch.SourceLook{}, nil, 0, "Unknown", v1alpha1.ReasonNotObserved},
		"the operator was restarted":                                 {es, up, storewatch.SourceLook{}, served, 0, "True", v1alpha1.ReasonServing},
		"the EventStore was deleted":                                 {nil, up, storewatch.SourceLook{}, served, 0, "False", v1alpha1.ReasonStoreUnavailable},
		"the EventStore does not exist yet":                          {nil, nil, storewatch.SourceLook{}, nil, 0, "Unknown", v1alpha1.ReasonDependencyNotFound},
		"the volume is full":                                         {es, up, readOnly("full"), served, 0, "False", v1alpha1.ReasonStorageFull},
		"the volume is broken":                                       {es, up, readOnly("input/output error"), served, 0, "False", v1alpha1.ReasonStoreReadOnly},
	} {
		t.Run(name, func(t *testing.T) {
			v := (&ingestion{source: s, store: tt.store, workload: tt.workload, look: tt.look, was: tt.was, now: noon.Add(tt.age)}).available()
			require.Equal(t, tt.want, v.Status, v.Message)
			require.Equal(t, tt.reason, v.Reason)
		})
	}
	v := (&ingestion{source: s, store: es, workload: deployment(0, 1, quota), look: ok, now: noon}).available()
	require.Equal(t, "0 of 1 pods are available. quota exceeded", v.Message)
}

func TestIngestionNeedsItsSecrets(t *testing.T) {
	look := heard(noon, noon)
	evaluate := func(was *metav1.Condition, missing ...store.MissingSecret) status.Verdict {
		look.Reports = []store.Report{{Source: "web", Pod: "a", Missing: missing}}
		i := &ingestion{source: source("1h", noon), store: pepperedStore(), workload: deployment(1, 1), look: look, was: was, now: noon}
		return i.available()
	}
	v := evaluate(nil, store.MissingSecret{For: store.SecretForSenders, Name: "write-key", Key: "journeyman-secret", Problem: "no write key"})
	require.Equal(t, v1alpha1.ReasonSecretNotFound, v.Reason)
	require.Contains(t, v.Message, "spec.transport.segment.secretRef (Secret write-key, key journeyman-secret): no write key")
	was := &metav1.Condition{Status: v.Status, Reason: v.Reason, Message: v.Message}
	require.Equal(t, v1alpha1.ReasonServing, evaluate(was).Reason)
	// The spec was edited, and the pods do not have it yet: no field of it names this Secret.
	v = evaluate(nil, store.MissingSecret{For: store.SecretForSenders, Name: "earlier-key", Key: "journeyman-secret", Problem: "no write key"})
	require.Contains(t, v.Message, "The pods still have an earlier spec (Secret earlier-key, key journeyman-secret): no write key")
	v = evaluate(nil, store.MissingSecret{For: store.SecretForHandshake, Name: "write-key", Key: "journeyman-verify-token", Problem: "no token"})
	require.Contains(t, v.Message, "The handshake of the sender is refused.")
	require.Contains(t, v.Message, ".secretRef (Secret write-key, key journeyman-verify-token): no token")
	v = evaluate(nil, store.MissingSecret{For: store.SecretForHashing, Name: "pepper", Key: "journeyman-pepper", Problem: "no pepper"})
	require.Contains(t, v.Message, "EventStore main spec.privacy.pepperSecretRef (Secret pepper, key journeyman-pepper): no pepper")
}

func TestCountersAreBounded(t *testing.T) {
	state := store.SourceState{Counters: store.Counters{Accepted: 7, Rejected: map[string]store.Rejection{}}}
	for i, reason := range []string{"a", "b", "c", "d", "e", "f"} {
		state.Counters.Rejected[reason] = store.Rejection{Count: int64(i + 1), Example: string(make([]byte, 5000)) + "x"}
	}
	state.Counters.Rejected[reject.BadToken] = store.Rejection{Count: 100}
	state.Counters.Rejected[reject.BadSignature] = store.Rejection{Count: 10}
	st := counters(state, "")
	require.Equal(t, int64(21), *st.Rejected, "requests of senders who are not recognised are no events")
	require.Equal(t, int64(110), st.UnauthorizedRequests)
	require.Len(t, st.RejectReasons, 5)
	require.Equal(t, "f", st.RejectReasons[0].Reason)
	require.Equal(t, "x", st.RejectReasons[0].Example)
	require.Nil(t, st.NewestEventTime)
}

// Counters that are known are set, also if they are 0. Unknown counters are not.
func TestKnownCountersAreSet(t *testing.T) {
	st := counters(store.SourceState{}, v1alpha1.RejectUnidentified)
	for _, n := range []*int64{st.Accepted, st.Rejected, st.Duplicates, st.WithoutID} {
		require.NotNil(t, n)
		require.Zero(t, *n)
	}
	require.Nil(t, st.Unidentified, "no such event is kept")
	require.NotNil(t, counters(store.SourceState{}, v1alpha1.KeepUnidentified).Unidentified)
	require.False(t, same(&v1alpha1.TouchpointSourceStatus{}, st), "what was not known is shown")
	require.True(t, same(&st, st))
}

// Advice reports senders in allowFrom that have no effect.
func TestAllowFromWithoutNetworkPolicies(t *testing.T) {
	spec := source("1h", noon).Spec
	none, made := resources.Network{Mode: resources.PoliciesNone}, resources.Network{Mode: resources.PoliciesIngress}
	other := []string{"something else"}
	require.Equal(t, other, withUnbounded(&spec, none, other))
	spec.AllowFrom = []v1alpha1.SenderPeer{{CIDR: "10.0.0.0/8"}}
	told := withUnbounded(&spec, none, other)
	require.Equal(t, []string{unbounded, "something else"}, told)
	require.Equal(t, told, withUnbounded(&spec, none, told), "once")
	require.Equal(t, other, withUnbounded(&spec, made, told))
	require.LessOrEqual(t, len(unbounded), 512)
}

// Advice reports what makes numbers wrong without an error. The text does not change while the numbers grow.
func TestAdvice(t *testing.T) {
	spec := source("1h", noon).Spec
	few := store.SourceState{Duplicates: 99, Counters: store.Counters{Accepted: 100}}
	require.Empty(t, advice(&spec, &few))
	half := store.SourceState{Duplicates: 150, Counters: store.Counters{Accepted: 300, WithoutID: 7}}
	first := advice(&spec, &half)
	require.Len(t, first, 2)
	require.Contains(t, first[0], "withoutID")
	require.Contains(t, first[0], "a messageId, or a timestamp")
	require.Contains(t, first[1], "several events share one id")
	half.Counters.WithoutID, half.Duplicates = 700, 299
	require.Equal(t, first, advice(&spec, &half))
	for _, text := range first {
		require.LessOrEqual(t, len(text), 512)
	}
	spec.Transport = v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{}}
	require.Contains(t, advice(&spec, &half)[0], "spec.mapping[].event.id")

	clocks := advice(&spec, &store.SourceState{Counters: store.Counters{Accepted: 300, Uncorrected: 1}})
	require.Len(t, clocks, 1)
	require.Contains(t, clocks[0], "a sentAt that cannot correct their clock")
	require.LessOrEqual(t, len(clocks[0]), 512)

	words := advice(&spec, &store.SourceState{Counters: store.Counters{Accepted: 300, PlaceholderIDs: 1}})
	require.Len(t, words, 1)
	require.Contains(t, words[0], "a placeholder as their id")
	require.LessOrEqual(t, len(words[0]), 512)

	half.Counters.PlaceholderIDs, half.Counters.Uncorrected = 5, 6
	require.Len(t, advice(&spec, &half), 4, "with that on spec.allowFrom as many as the status has room for")
	st := counters(half, "")
	require.Equal(t, []int64{5, 6}, []int64{st.PlaceholderIDs, st.Uncorrected})
	require.EqualValues(t, 299, *st.Duplicates)
	require.EqualValues(t, 700, *st.WithoutID)
	other := st
	other.Duplicates = new(int64(298))
	require.False(t, same(&other, st), "another number of duplicates is a reason to write")
}
