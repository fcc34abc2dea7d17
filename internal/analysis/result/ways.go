// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/fit"
	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
)

// Limits of their lists in the status, as in the CRD.
const (
	maxHandoffs      = 16
	maxFriction      = 3
	maxTouchpointRef = 81
)

// addWays adds these tables to the status.
func (o *Outcome) addWays(status *v1alpha1.JourneyMapStatus) {
	for i, t := range o.Plan.Journey.Tables {
		switch sums := o.Engine.Evaluations()[0].Tables[i].(type) {
		case *stages.HandoffSums:
			if t.Name == plan.Handoffs {
				status.Handoffs = handoffList(sums)
			}
		case *stages.FrictionSums:
			for s := range status.Stages {
				status.Stages[s].Friction = frictionList(sums.Ranking(s, maxFriction))
			}
		case *stages.EmotionSums:
			for s := range status.Stages {
				status.Stages[s].Emotion = emotion(o.Doc.Map.Stages[s].Emotion, sums, s)
			}
		}
	}
}

func handoffList(sums *stages.HandoffSums) []v1alpha1.Handoff {
	var out []v1alpha1.Handoff
	for _, h := range sums.List(maxHandoffs) {
		out = append(out, v1alpha1.Handoff{
			From: fit.Text(h.From, maxChannel), To: fit.Text(h.To, maxChannel), Customers: h.Customers, Converted: h.Converted,
			Conversion: v1alpha1.Ratio(number.Ratio(h.Converted, h.Customers)),
		})
	}
	return out
}

func frictionList(list []stages.FrictionPoint) []v1alpha1.FrictionResult {
	var out []v1alpha1.FrictionResult
	for _, p := range list {
		out = append(out, v1alpha1.FrictionResult{
			Touchpoint: fit.Text(p.Touchpoint.Stage+"/"+p.Touchpoint.Touchpoint, maxTouchpointRef), Customers: p.Customers,
			DropOff:        v1alpha1.Ratio(number.Ratio(p.Dropped, p.Customers)),
			DropOffWithout: v1alpha1.Ratio(number.Ratio(p.OthersDropped, p.Others)),
			Excess:         v1alpha1.ResultValue(strconv.FormatFloat(p.Excess, 'f', 1, 64)),
			ExcessLow:      v1alpha1.ResultValue(strconv.FormatFloat(p.Low, 'f', 1, 64)),
		})
	}
	return out
}

// emotion returns nil if the map expects none.
func emotion(expected *v1alpha1.Emotion, sums *stages.EmotionSums, stage int) *v1alpha1.EmotionResult {
	if expected == nil {
		return nil
	}
	out := &v1alpha1.EmotionResult{Expected: expected.Score}
	mean, answers, ok := sums.Stage(stage)
	out.Measured, out.Answers = decimal(mean, ok), answers
	return out
}
