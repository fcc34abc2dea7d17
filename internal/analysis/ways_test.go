// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// The events have an error after which customers drop off, a survey, and handoffs from web to store.
func TestHandoffsAndFrictionInTheStatus(t *testing.T) {
	expected := int32(1)
	spec := visitMap()
	spec.Stages[0].Emotion = &v1alpha1.Emotion{Expected: "curious", Score: &expected}
	spec.Stages[0].Touchpoints = append(spec.Stages[0].Touchpoints,
		v1alpha1.Touchpoint{Name: "error", Match: []v1alpha1.EventMatch{{Event: "Error"}}},
		v1alpha1.Touchpoint{Name: "survey", Match: []v1alpha1.EventMatch{{Event: "Survey Responded"}}})
	var events []event.Event
	for person := range 80 {
		events = append(events, say(person, "Visited", 72*time.Hour))
		if person < 40 {
			events = append(events, say(person, "Error", 71*time.Hour))
			continue
		}
		bought := say(person, "Order Completed", 70*time.Hour)
		bought.Channel = "store"
		events = append(events, bought)
	}
	for _, score := range []int64{10, 5, 6} {
		answer := say(1, "Survey Responded", 60*time.Hour)
		answer.Survey = event.Survey{Kind: "nps", Score: score * event.MicroUnits, Scale: 10 * event.MicroUnits}
		events = append(events, answer)
	}
	status := computeMap(t, runOf(mapDocument(spec), storeWith(t, events...)))
	require.Equal(t, []v1alpha1.Handoff{{From: "web", To: "store", Customers: 40, Converted: 40, Conversion: "1.0000"}}, status.Handoffs)
	require.Equal(t, &v1alpha1.EmotionResult{Measured: "0.80", Answers: 3, Expected: &expected}, status.Stages[0].Emotion)
	require.Nil(t, status.Stages[1].Emotion, "none is expected there")
	require.Len(t, status.Stages[0].Friction, 1)
	f := status.Stages[0].Friction[0]
	require.Equal(t, v1alpha1.FrictionResult{
		Touchpoint: "visit/error", Customers: 40, DropOff: "1.0000", DropOffWithout: "0.0000", Excess: "40.0", ExcessLow: f.ExcessLow,
	}, f)
	require.Greater(t, f.ExcessLow, v1alpha1.ResultValue("30"), "the lower end of Newcombe's interval")
	require.Empty(t, status.Stages[1].Friction)

	spec.Stages[0].FrictionWithin = "30m"
	status = computeMap(t, runOf(mapDocument(spec), storeWith(t, events...)))
	require.Empty(t, status.Stages[0].Friction, "the error came an hour after the visit")
}
