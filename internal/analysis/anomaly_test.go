// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// shopDays simulates the visitors of the days before noon: about 200 per day, of whom 40 % buy within three hours (30 % on Sundays). During an
// incident, only a fraction of them buys.
func shopDays(seed uint64, days int, incident map[int]float64) []event.Event {
	random := rand.New(rand.NewPCG(seed, 1))
	var events []event.Event
	person := 0
	for d := days; d >= 0; d-- {
		midnight := time.Duration(d)*day + 12*hour
		rate := 0.4
		if noon.Add(-midnight).Weekday() == time.Sunday {
			rate = 0.3
		}
		if factor, ok := incident[d]; ok {
			rate *= factor
		}
		for range 160 + random.IntN(80) {
			at := midnight - time.Duration(random.Int64N(int64(day)))
			if at <= 0 {
				continue
			}
			person++
			events = append(events, say(person, "Visited", at))
			after := at - time.Duration(random.Int64N(int64(3*hour)))
			if random.Float64() < rate && after > 0 {
				events = append(events, say(person, "Order Completed", after))
			}
		}
	}
	return events
}

func anomalyOf(t *testing.T, events []event.Event) *v1alpha1.StageAnomaly {
	spec := visitMap()
	spec.Analysis.Lookback = "40d"
	doc := &podconfig.Analysis{Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "default", Name: "shop", UID: "u", Map: spec}
	status, err := runOf(doc, storeWith(t, events...)).Compute(context.Background())
	require.NoError(t, err)
	stages := status.(*v1alpha1.JourneyMapStatus).Stages
	require.Nil(t, stages[1].Anomaly, "nobody is lost after the last stage")
	return stages[0].Anomaly
}

// If checkout is broken for one day, the job at noon of the next day reports an anomaly with its numbers.
func TestIncidentIsReportedTheNextDay(t *testing.T) {
	for seed := range uint64(5) {
		a := anomalyOf(t, shopDays(seed, 45, map[int]float64{1: 0.4}))
		require.NotNil(t, a, "seed %d", seed)
		require.EqualValues(t, noon.AddDate(0, 0, -1).Format(time.DateOnly), a.Day)
		require.Greater(t, a.Entered, int64(150))
		require.Greater(t, string(a.DropOff), string(a.ExpectedHigh), "beyond what quiet days have")
		require.Less(t, string(a.ExpectedLow), string(a.ExpectedDropOff))
		require.Less(t, string(a.ExpectedDropOff), string(a.ExpectedHigh))
		require.GreaterOrEqual(t, a.Days, int32(28))
	}
}

// Most days have no anomaly, and incidents in the past are not reported.
func TestNormalDaysHaveNoAnomaly(t *testing.T) {
	for seed := range uint64(12) {
		require.Nil(t, anomalyOf(t, shopDays(seed, 45, nil)), "seed %d", seed)
		require.Nil(t, anomalyOf(t, shopDays(seed, 45, map[int]float64{9: 0.3, 5: 0.4})), "seed %d", seed)
	}
}

// Anomalies need a history of four weeks.
func TestAnomalyNeedsFourWeeks(t *testing.T) {
	require.Nil(t, anomalyOf(t, shopDays(1, 20, map[int]float64{1: 0})), "20 days")
}
