// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
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

// Two writes of changing counters are at least a minute apart, and so are two writes of counters that no longer change. A change is written within a
// minute.
func TestCadence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Cadence
		key, now := types.NamespacedName{Name: "web"}, noon
		var moving, resting []time.Time
		for _, step := range rapid.SliceOfN(rapid.IntRange(1, 100), 1, 60).Draw(t, "seconds") {
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

// All objects together are written at most 200 times a minute, and each one at least every five minutes.
func TestCadenceOfMany(t *testing.T) {
	for n, want := range map[int]time.Duration{1: time.Minute, 200: time.Minute, 500: 150 * time.Second, 1000: 5 * time.Minute, 5000: 5 * time.Minute} {
		var c Cadence
		for i := range n {
			due, _ := c.Due(types.NamespacedName{Name: fmt.Sprint(i)}, noon, false, false)
			require.True(t, due, "the first change is shown at once")
		}
		key := types.NamespacedName{Name: "0"}
		due, next := c.Due(key, noon.Add(time.Second), false, false)
		require.False(t, due)
		require.Equal(t, noon.Add(want), next, "%d objects", n)
		due, _ = c.Due(key, next, false, false)
		require.True(t, due)
	}
}

// A store is polled every 30 seconds, and the object is reconciled when counters change or a write is due. The counters in the status are never older
// than the docs say.
func TestShownCountersAreFresh(t *testing.T) {
	for n, bound := range map[int]int{1: 120, 1000: 360} {
		rapid.Check(t, func(t *rapid.T) {
			var c Cadence
			for i := 1; i < n; i++ {
				c.Due(types.NamespacedName{Name: fmt.Sprint(i)}, noon, false, false)
			}
			moves := rapid.SliceOfN(rapid.IntRange(1, 200), 1, 40).Draw(t, "seconds between events")
			var truth []int // the true counter of each second
			for i, step := range moves {
				for range step {
					truth = append(truth, i)
				}
			}
			shown, answer, due, resting := 0, 0, -1, false
			for s := range truth {
				if s%30 == 0 {
					resting, answer = truth[s] == answer, truth[s]
				}
				if answer != shown && (s%30 == 0 || s >= due) {
					ok, next := c.Due(types.NamespacedName{Name: "web"}, noon.Add(time.Duration(s)*time.Second), false, resting)
					if ok {
						shown = answer
					} else {
						due = int(next.Sub(noon) / time.Second)
					}
				}
				require.GreaterOrEqual(t, shown, truth[max(0, s-bound)], "second %d of %d objects", s, n)
			}
		})
	}
}
