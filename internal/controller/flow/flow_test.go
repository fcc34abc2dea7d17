// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/status"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func TestOutcome(t *testing.T) {
	conflict := apierrors.NewConflict(schema.GroupResource{Resource: "x"}, "y", errors.New("z"))
	for name, tt := range map[string]struct {
		err     error
		ready   metav1.ConditionStatus
		reason  string
		also    string
		message string
		retry   time.Duration
		runtime bool
	}{
		"done":      {nil, "True", v1alpha1.ReasonSucceeded, "", "The spec is accepted and applied.", 0, false},
		"stalled":   {&Stalled{Reason: "R", Path: "spec.a", Problem: "no good", Retry: time.Minute}, "False", "R", v1alpha1.ConditionStalled, "spec.a: no good", time.Minute, false},
		"waiting":   {Missing("spec.b", "EventStore", "main"), "Unknown", v1alpha1.ReasonDependencyNotFound, v1alpha1.ConditionReconciling, "spec.b: waiting for EventStore main, which does not exist yet", 0, false},
		"transient": {errors.New("boom"), "False", v1alpha1.ReasonApplyFailed, v1alpha1.ConditionReconciling, "boom", 0, true},
		"conflict":  {conflict, "Unknown", "Before", v1alpha1.ConditionReconciling, "before", time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			set := status.NewSet(status.EventStore, nil, 1, noon)
			set.Progressing("Before", "before")
			retry, err := outcome(set, tt.err)
			require.Equal(t, tt.retry, retry)
			require.Equal(t, tt.runtime, err != nil)
			ready := set.Get(v1alpha1.ConditionReady)
			require.Equal(t, tt.ready, ready.Status)
			require.Equal(t, tt.reason, ready.Reason)
			require.Equal(t, tt.message, ready.Message)
			for _, c := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
				require.Equal(t, c == tt.also, set.Get(c) != nil, c)
			}
		})
	}
}

func TestTurnWaitsForTheEarliest(t *testing.T) {
	turn := &Turn[*v1alpha1.EventStore]{Now: noon}
	require.Equal(t, Safety, turn.wait(Safety))
	turn.RecheckAt(noon.Add(time.Hour))
	require.Equal(t, Safety, turn.wait(Safety), "the safety interval bounds it")
	turn.RecheckAt(noon.Add(time.Second))
	turn.RecheckAt(noon.Add(time.Minute))
	turn.RecheckAt(time.Time{})
	require.Equal(t, time.Second+50*time.Millisecond, turn.wait(Safety))
	turn.RecheckAt(noon.Add(-time.Second))
	require.Equal(t, 50*time.Millisecond, turn.wait(Safety), "a deadline that has passed is no hot loop")
}

// TestCadence: however counters move, between two writes for the sake of moving ones lie five minutes, and so between two for those at rest.
func TestCadence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Cadence
		key, now := types.NamespacedName{Name: "web"}, noon
		var moving, resting []time.Time
		for _, step := range rapid.SliceOfN(rapid.IntRange(1, 400), 1, 60).Draw(t, "seconds") {
			now = now.Add(time.Duration(step) * time.Second)
			rest := rapid.Bool().Draw(t, "rest")
			due, next := c.Due(key, now, false, rest)
			switch {
			case !due:
				require.True(t, next.After(now), "the next time lies ahead")
				require.LessOrEqual(t, next.Sub(now), CounterEvery)
			case len(moving) == 0 || now.Sub(moving[len(moving)-1]) >= CounterEvery:
				moving = append(moving, now)
			default:
				require.True(t, rest)
				resting = append(resting, now)
			}
		}
		for i := 1; i < len(resting); i++ {
			require.GreaterOrEqual(t, resting[i].Sub(resting[i-1]), CounterEvery)
		}
	})
}
