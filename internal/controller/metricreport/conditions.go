// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metricreport

import (
	"context"
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/controller/flow"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// checkStages finds KPIs with a stage that the map does not have, which the job could not compute.
func checkStages(_ context.Context, s *scope) error {
	return flow.Refused(accept.Stages(s.Object, s.Map))
}

// against formats a value that misses its target, and the target: "conversion (33.3 %, wanted at least 75 %)".
func against(k *v1alpha1.KPI, v *v1alpha1.KPIResult) string {
	words, limit := "at least", k.Target.AtLeast
	if limit == "" {
		words, limit = "at most", k.Target.AtMost
	}
	shown, wanted := messages.Against(string(v.Value), string(limit), v.Unit)
	return fmt.Sprintf("%s (%s, wanted %s %s)", k.Name, shown, words, wanted)
}

// targetsMet summarises the KPIs with a target: one that misses it outweighs one without a value.
func targetsMet(r *v1alpha1.MetricReport, hasResults bool) status.Verdict {
	results := map[v1alpha1.ItemName]*v1alpha1.KPIResult{}
	for i := range r.Status.KPIs {
		results[r.Status.KPIs[i].Name] = &r.Status.KPIs[i]
	}
	targeted, period := false, ""
	if s := r.Status.Summary; s != nil && s.Period != nil {
		period = " " + messages.Period(s.Period)
	}
	var missed, empty []string
	for _, k := range r.Spec.KPIs {
		if k.Target == nil {
			continue
		}
		targeted = true
		switch v := results[k.Name]; {
		case v == nil || v.Met == nil:
			empty = append(empty, string(k.Name))
		case !*v.Met:
			missed = append(missed, against(&k, v))
		}
	}
	switch {
	case !targeted:
		return status.True(v1alpha1.ReasonNoTargets, "No KPI has a target.")
	case !hasResults:
		return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet.")
	case r.Status.Trace.Analysis != nil && r.Status.Trace.Analysis.EventsScanned <= r.Status.Trace.Analysis.Future:
		return status.Unknown(v1alpha1.ReasonNoValue, "There are no events in the analysed time, so there is nothing to compare with the targets.%s", period)
	case len(missed) > 0:
		return status.False(v1alpha1.ReasonTargetsMissed, "KPIs that miss their target: %s.%s", value.Listed(missed), period)
	case len(empty) > 0:
		return status.Unknown(v1alpha1.ReasonNoValue, "KPIs with a target but without a value: %s.%s", value.Listed(empty), period)
	default:
		return status.True(v1alpha1.ReasonTargetsMet, "Every KPI with a target meets it.%s", period)
	}
}
