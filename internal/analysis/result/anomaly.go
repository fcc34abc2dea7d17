// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"slices"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
	"github.com/journeyman-dev/journeyman/internal/stats/anomaly"
)

// addAnomalies compares the latest finished day of each stage with the days before it, and records those that are significantly worse.
func addAnomalies(stages []v1alpha1.StageResult, sums *stages.DaySums, goal int, calendar *journey.Calendar) {
	newest, ok := sums.Newest()
	if !ok {
		return
	}
	location := time.UTC
	if calendar.Location != nil {
		location = calendar.Location
	}
	for i := range stages[:min(goal, len(stages))] {
		days := make([]anomaly.Day, 0, len(sums.Stages[i]))
		for _, d := range slices.Backward(sums.Stages[i]) {
			days = append(days, anomaly.Day(d))
		}
		e, judged := anomaly.Detect(days, anomaly.Rule{})
		if !judged || !e.Alarm {
			continue
		}
		stages[i].Anomaly = &v1alpha1.StageAnomaly{
			Day:     v1alpha1.Date(time.UnixMicro(newest).In(location).Format(time.DateOnly)),
			Entered: e.Entered, Dropped: e.Entered - e.Converted,
			DropOff:         ratioOf(1 - e.Observed),
			ExpectedDropOff: ratioOf(1 - e.Expected), ExpectedLow: ratioOf(1 - e.Range.High), ExpectedHigh: ratioOf(1 - e.Range.Low),
			PValue: strconv.FormatFloat(e.P, 'g', 2, 64), Days: int32(e.Days),
		}
	}
}

// ratioOf formats a share with four digits.
func ratioOf(f float64) v1alpha1.Ratio {
	return v1alpha1.Ratio(strconv.FormatFloat(max(0, min(1, f)), 'f', number.RatioDigits, 64))
}
