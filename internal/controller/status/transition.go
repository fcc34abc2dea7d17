// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Transition is a change of a condition that is worth an Event.
type Transition struct {
	// EventType is Normal or Warning.
	EventType string
	// Condition that changed.
	Condition string
	// Reason of the condition, and of the Event.
	Reason string
	// Message of the condition.
	Message string
}

// Transitions compares the conditions before and after, in the order of the table. A condition has changed if its status is different, or its reason
// while it is bad. The following are not news: the first good status, a change from Unknown to a good status, and Reconciling, which duplicates
// Ready.
func (t Table) Transitions(before, after []metav1.Condition) []Transition {
	var out []Transition
	for _, r := range t {
		if r.Type == v1alpha1.ConditionReconciling || r.Type == v1alpha1.ConditionStalled {
			continue
		}
		was, is := meta.FindStatusCondition(before, r.Type), meta.FindStatusCondition(after, r.Type)
		if is == nil || is.Status == metav1.ConditionUnknown {
			continue
		}
		bad := (is.Status == metav1.ConditionTrue) == r.AbnormalTrue
		if !turned(r, was, is, bad) {
			continue
		}
		kind := corev1.EventTypeNormal
		if bad && !r.Finding && is.Reason != v1alpha1.ReasonSuspended { // What the user requested is no reason for a warning.
			kind = corev1.EventTypeWarning
		}
		out = append(out, Transition{EventType: kind, Condition: r.Type, Reason: is.Reason, Message: is.Message})
	}
	return out
}

func turned(r Rule, was, is *metav1.Condition, bad bool) bool {
	if was != nil && was.Status == is.Status {
		return bad && was.Reason != is.Reason
	}
	if bad || r.Type == v1alpha1.ConditionReady {
		return true
	}
	return was != nil && was.Status != metav1.ConditionUnknown
}
