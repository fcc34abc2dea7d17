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

// Verdict is the outcome of one pure condition function.
type Verdict struct {
	// Status of the condition.
	Status metav1.ConditionStatus
	// Reason is one of the documented constants of the API.
	Reason string
	// Message for people. It must not hold numbers that change all the time, else a quiet object is written forever.
	Message string
	// Recheck is the instant at which the verdict may change by the passing of time alone; zero means never.
	Recheck time.Time
}

// True makes a verdict. The message is formatted as by fmt.Sprintf.
func True(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionTrue, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// False makes a verdict; see True.
func False(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionFalse, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Unknown makes a verdict: it could not be looked at. See True.
func Unknown(reason, format string, args ...any) Verdict {
	return Verdict{Status: metav1.ConditionUnknown, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// At adds the instant at which the verdict may change by time alone.
func (v Verdict) At(t time.Time) Verdict {
	v.Recheck = t
	return v
}

// Keep repeats what a condition says, where nothing new is known, or gives the fallback when it says nothing yet. A restart of the
// operator is no news of the world.
func Keep(was *metav1.Condition, fallback Verdict) Verdict {
	if was == nil {
		return fallback
	}
	return Verdict{Status: was.Status, Reason: was.Reason, Message: was.Message}
}

// Starting says, of a condition about something that was made at an instant, zero for not yet, whether it is still coming up, and until when
// that is no failure: it was never seen to be well or ill, and has had less than the limit since it was made and was first spoken of.
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

// Set is the conditions of one object while they are worked out.
type Set struct {
	table      Table
	generation int64
	now        metav1.Time
	conditions []metav1.Condition
}

// NewSet starts with the conditions that an object has. Those that the table does not list are left alone: they
// belong to somebody else.
func NewSet(table Table, existing []metav1.Condition, generation int64, now time.Time) *Set {
	s := &Set{table: table, generation: generation, now: metav1.NewTime(now.Truncate(time.Second))}
	for _, c := range existing {
		if _, ok := table.rule(c.Type); ok {
			s.conditions = append(s.conditions, c)
		}
	}
	return s
}

// Apply sets a condition to a verdict. A type that is not in the kind's table is a mistake of the program, so it panics.
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

// Ready says that the spec is accepted and applied.
func (s *Set) Ready(message string) {
	s.remove(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, True(v1alpha1.ReasonSucceeded, "%s", message))
}

// Progressing says that the operator works on the spec or waits for something.
func (s *Set) Progressing(reason, message string) {
	s.remove(v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, Unknown(reason, "%s", message))
	s.Apply(v1alpha1.ConditionReconciling, True(reason, "%s", message))
}

// Failing says that something went wrong that is tried again.
func (s *Set) Failing(reason, message string) {
	s.remove(v1alpha1.ConditionStalled)
	s.Apply(v1alpha1.ConditionReady, False(reason, "%s", message))
	s.Apply(v1alpha1.ConditionReconciling, True(reason, "%s", message))
}

// Stalled says that only a person can fix it.
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
