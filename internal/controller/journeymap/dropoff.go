// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeymap

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/controller/status"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// dropOff compares each stage with its limit, and with its own history.
func dropOff(m *v1alpha1.JourneyMap, hasResults bool) status.Verdict {
	if !hasResults {
		return status.Unknown(v1alpha1.ReasonNoResults, "No run has finished for this spec yet.")
	}
	l := losses{limits: dropOffLimits(m.Spec.Stages)}
	for i := range m.Status.Stages {
		l.add(&m.Status.Stages[i])
	}
	return of(l.verdict(), m.Status.Summary)
}

// of adds the time of the numbers to a verdict, and why there are none.
func of(v status.Verdict, s *v1alpha1.JourneySummary) status.Verdict {
	if s == nil {
		return v
	}
	if period := messages.Period(s.Period); period != "" {
		v.Message += " " + period
	}
	if s.Note != "" {
		v.Message += " " + s.Note
	}
	return v
}

// dropOffLimits returns maxDropOff of the stages that have one.
func dropOffLimits(stages []v1alpha1.Stage) map[v1alpha1.ItemName]v1alpha1.Ratio {
	limits := map[v1alpha1.ItemName]v1alpha1.Ratio{}
	for _, s := range stages {
		if s.MaxDropOff != "" {
			limits[s.Name] = s.MaxDropOff
		}
	}
	return limits
}

// losses groups stages by their drop-off.
type losses struct {
	limits map[v1alpha1.ItemName]v1alpha1.Ratio
	// over are above their limit and unusual outside their usual range, each with numbers. empty have a limit, but nobody entered them.
	over, unusual, empty []string
}

func (l *losses) add(s *v1alpha1.StageResult) {
	limit, limited := l.limits[s.Name]
	if limited && s.Entered == 0 {
		l.empty = append(l.empty, string(s.Name))
	}
	if limited && below(limit, s.DropOff) {
		shown, most := number.PercentOfLimit(string(s.DropOff), string(limit))
		l.over = append(l.over, fmt.Sprintf("%s (%s of at most %s)", s.Name, shown, most))
	}
	if a := s.Anomaly; a != nil {
		l.unusual = append(l.unusual, fmt.Sprintf("%s (%s on %s, usually %s to %s)",
			s.Name, percent(a.DropOff), a.Day, percent(a.ExpectedLow), percent(a.ExpectedHigh)))
	}
}

func (l *losses) verdict() status.Verdict {
	const tooMany, tooUnusual = "The drop-off is above spec.stages[].maxDropOff after: %s.", "The drop-off is unusually high after: %s."
	switch {
	case len(l.over) > 0 && len(l.unusual) > 0:
		return status.True(v1alpha1.ReasonDropOffAboveLimit, tooMany+" "+tooUnusual, value.Listed(l.over), value.Listed(l.unusual))
	case len(l.over) > 0:
		return status.True(v1alpha1.ReasonDropOffAboveLimit, tooMany, value.Listed(l.over))
	case len(l.unusual) > 0:
		return status.True(v1alpha1.ReasonDropOffUnusual, tooUnusual, value.Listed(l.unusual))
	case len(l.limits) > 0 && len(l.empty) == len(l.limits):
		return status.Unknown(v1alpha1.ReasonNoCustomers,
			"Nobody has entered a stage with a maxDropOff in the analysed time, so there is nothing to compare with it.")
	case len(l.empty) > 0:
		return status.False(v1alpha1.ReasonDropOffWithinLimits,
			"No stage that customers entered is above its maxDropOff, and no drop-off is unusually high. Nobody entered: %s.", value.Listed(l.empty))
	case len(l.limits) == 0:
		return status.False(v1alpha1.ReasonNoLimits, "No stage has a maxDropOff, and no drop-off is unusually high.")
	}
	return status.False(v1alpha1.ReasonDropOffWithinLimits, "No stage is above its maxDropOff, and no drop-off is unusually high.")
}

func percent(r v1alpha1.Ratio) string { return number.PercentText(string(r)) }
