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

// An object has one series a condition of its kind's table, so an installation has at most eight series an object. The reason is a label,
// because alerts need it (a source that is suspended is not down) and it is one of few words; the message is none.
var (
	condition = desc("journeyman_condition",
		"Conditions of objects of all kinds: 1 for True, 0 for False, -1 for Unknown. A condition that is not set has no series.", "kind", "type", "reason")
	suspended = desc("journeyman_suspended", "1 while the spec suspends the object, else 0. EventStores have no series.", "kind")
)

// values of conditions. Unknown is neither good nor bad, so that "== 0" never means it.
var values = map[metav1.ConditionStatus]float64{metav1.ConditionTrue: 1, metav1.ConditionFalse: 0, metav1.ConditionUnknown: -1}

// conditions sends those of the kind's table; what others write next to them is not ours, and could be any number of series.
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

// paused reports whether the runs of a map or report are.
func paused(a *v1alpha1.Analysis) bool { return a != nil && a.Suspend != nil && *a.Suspend }
