// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
)

// An object has one series for each condition in its kind's table, at most eight. The reason is a label, because alerts need it (a suspended source
// is not down) and it has few values. The message is not a label.
var (
	condition = desc("journeyman_condition",
		"Conditions of objects of all kinds: 1 for True, 0 for False, -1 for Unknown. A condition that is not set has no series.", "kind", "type", "reason")
	suspended = desc("journeyman_suspended", "1 while the spec suspends the object, else 0. EventStores have no series.", "kind")
)

// values of conditions. Unknown is -1, so that "== 0" never matches it.
var values = map[metav1.ConditionStatus]float64{metav1.ConditionTrue: 1, metav1.ConditionFalse: 0, metav1.ConditionUnknown: -1}

// conditions sends those in the kind's table. Conditions of others are not sent, because there could be any number of them.
func (g gauges) conditions(kind string, table status.Table, o client.Object, list []metav1.Condition) {
	for _, rule := range table {
		c := meta.FindStatusCondition(list, rule.Type)
		if c == nil {
			continue
		}
		if value, ok := values[c.Status]; ok {
			g.send(condition, value, o, kind, c.Type, c.Reason)
		}
	}
}

func (g gauges) suspend(kind string, o client.Object, set bool) {
	value := 0.0
	if set {
		value = 1
	}
	g.send(suspended, value, o, kind)
}

// paused reports whether the runs of a map or report are suspended.
func paused(a *v1alpha1.Analysis) bool { return a != nil && a.Suspend != nil && *a.Suspend }
