// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
)

// earliestMinute is the first minute since 1970 that counts as a scheduled time: in the year 2001.
const earliestMinute = 16_300_000

// ScheduledTime returns the scheduled time of a run. A first-run Job has it in given (RFC 3339). Jobs of a CronJob have it in their name: the minutes
// since 1970 after the last dash. Without either, it is now.
func ScheduledTime(given, job string, now time.Time) (time.Time, error) {
	if given != "" {
		t, err := time.Parse(time.RFC3339, given)
		if err != nil {
			return time.Time{}, fmt.Errorf("%w: SCHEDULED_TIME: %w", plan.ErrConfig, err)
		}
		return t.UTC().Truncate(time.Second), nil
	}
	minutes, err := strconv.ParseInt(job[strings.LastIndexByte(job, '-')+1:], 10, 64)
	if err == nil && minutes >= earliestMinute && minutes <= now.Add(24*time.Hour).Unix()/60 {
		return time.Unix(minutes*60, 0).UTC(), nil
	}
	return now.UTC().Truncate(time.Second), nil
}
