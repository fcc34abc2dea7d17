// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Rule describes one condition of a kind.
type Rule struct {
	// Type of the condition.
	Type string
	// AbnormalTrue is set if True is the bad state: a change to True is a warning.
	AbnormalTrue bool
	// OnlyWhenTrue is set if the condition is omitted while it is not True, as kstatus requires.
	OnlyWhenTrue bool
	// Finding is set if the condition is about the numbers or their scope. A change is news, but nothing is broken, so it is not a warning.
	Finding bool
}

// Table lists the conditions of a kind in the order in which they are written. kstatus walks them in that order.
type Table []Rule

// common conditions of every kind.
var common = Table{
	{Type: v1alpha1.ConditionReady},
	{Type: v1alpha1.ConditionReconciling, AbnormalTrue: true, OnlyWhenTrue: true},
	{Type: v1alpha1.ConditionStalled, AbnormalTrue: true, OnlyWhenTrue: true},
}

// The tables of the four kinds.
var (
	EventStore = common.with(
		Rule{Type: v1alpha1.ConditionAvailable},
		Rule{Type: v1alpha1.ConditionStorageHealthy},
	)
	TouchpointSource = common.with(
		Rule{Type: v1alpha1.ConditionIngestionAvailable},
		Rule{Type: v1alpha1.ConditionFresh},
		Rule{Type: v1alpha1.ConditionRejecting, AbnormalTrue: true},
	)
	JourneyMap = common.with(
		Rule{Type: v1alpha1.ConditionAnalysisCurrent},
		Rule{Type: v1alpha1.ConditionAsOfHeldBack, AbnormalTrue: true, OnlyWhenTrue: true, Finding: true},
		Rule{Type: v1alpha1.ConditionDataFresh},
		Rule{Type: v1alpha1.ConditionMapFresh},
		Rule{Type: v1alpha1.ConditionDropOffDetected, AbnormalTrue: true, Finding: true},
	)
	MetricReport = common.with(
		Rule{Type: v1alpha1.ConditionAnalysisCurrent},
		Rule{Type: v1alpha1.ConditionTargetsMet, Finding: true},
	)
)

func (t Table) with(rules ...Rule) Table {
	return append(append(Table(nil), t...), rules...)
}

// rule returns the rule of a type and whether the table has it.
func (t Table) rule(conditionType string) (Rule, bool) {
	for _, r := range t {
		if r.Type == conditionType {
			return r, true
		}
	}
	return Rule{}, false
}
