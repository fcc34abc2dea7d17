// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Verdict is the result of a pure condition function.
type Verdict struct {
	// Status of the condition.
	Status metav1.ConditionStatus
	// Reason is one of the documented constants of the API.
	Reason string
	// Message for people. It must not contain numbers that change all the time, because the status would be written each time.
	Message string
	// Recheck is the instant at which the verdict can change with time alone; zero means never.
	Recheck time.Time
}

// True returns a verdict with status True. The message is formatted as by fmt.Sprintf.
func True(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionTrue, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// False returns a verdict with status False; see True.
func False(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionFalse, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Unknown returns a verdict with status Unknown: it could not be determined. See True.
func Unknown(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionUnknown, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// At sets the instant at which the verdict can change with time alone.
func (v Verdict) At(t time.Time) Verdict {
	v.Recheck = t
	return v
}

// Keep returns the current condition as a verdict if nothing new is known, or the fallback if there is no condition yet. A restart of the operator is not news.
func Keep(was *metav1.Condition, fallback Verdict) Verdict {
	if was == nil {
		return fallback
	}
	return Verdict{Status: was.Status, Reason: was.Reason, Message: was.Message}
}

// Starting reports whether something that was created at made (zero for not yet) is still starting, and until when that is not a failure. It is
// starting if the condition was neither True nor False yet, and the limit since its creation and since the condition was first set has not passed.
func Starting(was *metav1.Condition, made time.Time, limit time.Duration, now time.Time) (until time.Time, ok bool) {
	if was != nil && was.Status != metav1.ConditionUnknown {
		return time.Time{}, false
	}
	since := now
	if was != nil && !made.IsZero() {
		since = was.LastTransitionTime.Time
		if made.After(since) {
			since = made
		}
	}
	until = since.Add(limit)
	return until, now.Before(until)
}

// Set is the conditions of one object during their evaluation.
type Set struct {
	table      Table
	generation int64
	now        metav1.Time
	conditions []metav1.Condition
}

// NewSet starts with the existing conditions of an object. It does not touch those that are not in the table, because they belong to others.
func NewSet(table Table, existing []metav1.Condition, generation int64, now time.Time) *Set {
	s := &Set{table: table, generation: generation, now: metav1.NewTime(now.Truncate(time.Second))}
	for _, c := range existing {
		if _, ok := table.rule(c.Type); ok {
			s.conditions = append(s.conditions, c)
		}
	}
	return s
}

// Apply sets a condition to a verdict. A type that is not in the kind's table is a bug, so it panics.
func (s *Set) Apply(conditionType string, v Verdict) {
	rule, ok := s.table.rule(conditionType)
	if !ok {
		panic(fmt.Sprintf("status: condition %s is not in the table of the kind", conditionType))
	}
	if rule.OnlyWhenTrue && v.Status != metav1.ConditionTrue {
		meta.RemoveStatusCondition(&s.conditions, conditionType)
		return
	}
	meta.SetStatusCondition(&s.conditions, metav1.Condition{
		Type: conditionType, Status: v.Status, Reason: v.Reason, Message: Shorten(v.Message, MaxMessage),
		ObservedGeneration: s.generation, LastTransitionTime: s.now,
	})
}

// Get returns a condition, or nil.
func (s *Set) Get(conditionType string) *metav1.Condition {
	return meta.FindStatusCondition(s.conditions, conditionType)
}

// Ready reports that the spec is accepted and applied.
func (s *Set) Ready(message string) {
	s.remove(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, True(v1alpha1.ReasonSucceeded, "%s", message))
}

// Progressing reports that the operator is processing the spec or waiting for something.
func (s *Set) Progressing(reason, message string) {
	s.remove(v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, Unknown(reason, "%s", message))
	s.Apply(v1alpha1.ConditionReconciling, True(reason, "%s", message))
}

// Failing reports a failure that is being retried.
func (s *Set) Failing(reason, message string) {
	s.remove(v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, False(reason, "%s", message))
	s.Apply(v1alpha1.ConditionReconciling, True(reason, "%s", message))
}

// Stalled reports that only a person can fix it.
func (s *Set) Stalled(reason, message string) {
	s.remove(v1alpha1.ConditionReconciling)
	s.Apply(v1alpha1.ConditionReady, False(reason, "%s", message))
	s.Apply(v1alpha1.ConditionStalled, True(reason, "%s", message))
}

func (s *Set) remove(types ...string) {
	for _, t := range types {
		meta.RemoveStatusCondition(&s.conditions, t)
	}
}

// List returns the conditions in the order of the table.
func (s *Set) List() []metav1.Condition {
	out := make([]metav1.Condition, 0, len(s.conditions))
	for _, r := range s.table {
		if c := s.Get(r.Type); c != nil {
			out = append(out, *c)
		}
	}
	return out
}
