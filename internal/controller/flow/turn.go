// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// Turn is one reconciliation of one object.
type Turn[T client.Object] struct {
	// Object is a copy whose status can be changed.
	Object T
	// Now is the time of the turn.
	Now time.Time
	// WasReady is set if this generation was Ready before the turn.
	WasReady bool

	set     *status.Set
	recheck time.Time
}

// SetCondition sets a condition to a verdict, and schedules its next evaluation if it can change with time alone.
func (t *Turn[T]) SetCondition(conditionType string, v status.Verdict) {
	t.set.Apply(conditionType, v)
	t.RecheckAt(v.Recheck)
}

// Condition returns the current condition, or nil.
func (t *Turn[T]) Condition(conditionType string) *metav1.Condition { return t.set.Get(conditionType) }

// RecheckAt schedules the next turn for an instant at the latest. The zero time has no effect.
func (t *Turn[T]) RecheckAt(at time.Time) {
	if !at.IsZero() && (t.recheck.IsZero() || at.Before(t.recheck)) {
		t.recheck = at
	}
}

// wait returns the time until the next turn: the earliest scheduled instant, but at most the safety interval, which corrects what no watch reports.
func (t *Turn[T]) wait(safety time.Duration) time.Duration {
	if t.recheck.IsZero() {
		return safety
	}
	const edge = 50 * time.Millisecond // after the instant, not at it
	return min(max(t.recheck.Sub(t.Now), 0)+edge, safety)
}

func wasReady(conditions []metav1.Condition, generation int64) bool {
	for _, c := range conditions {
		if c.Type == v1alpha1.ConditionReady {
			return c.Status == metav1.ConditionTrue && c.ObservedGeneration == generation
		}
	}
	return false
}
