// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"
	// The operator's image has no time zone database.
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const (
	// DefaultEvery is the default interval of runs.
	DefaultEvery v1alpha1.AnalysisInterval = "15m"
	// utc is the time zone of schedules derived from every, because an hour that clocks skip or repeat must not change how often a run starts.
	utc = "Etc/UTC"
)

// Schedule is when runs start.
type Schedule struct {
	// Line of five fields, in the form of a CronJob.
	Line string
	// TimeZone of the line, a name of the IANA database.
	TimeZone string

	parsed   cron.Schedule
	location *time.Location
}

// Next returns the first time after t at which a run starts.
func (s Schedule) Next(t time.Time) time.Time { return s.parsed.Next(t.In(s.location)) }

// ScheduleOf returns the schedule of an analysis, nil for the defaults. The UID spreads the minute of runs without a schedule of their own. An error
// is a *field.Error that contains the field, its value and the fix.
func ScheduleOf(analysis *v1alpha1.Analysis, uid types.UID) (Schedule, error) {
	if analysis == nil {
		analysis = &v1alpha1.Analysis{}
	}
	path := field.NewPath("spec", "analysis")
	zone, location, err := timeZone(analysis.TimeZone)
	if err != nil {
		return Schedule{}, field.Invalid(path.Child("timeZone"), analysis.TimeZone, err.Error())
	}
	if analysis.Schedule == "" {
		every := analysis.Every
		if every == "" {
			every = DefaultEvery
		}
		line, err := CronSchedule(every, uid)
		if err != nil {
			return Schedule{}, field.Invalid(path.Child("every"), string(every), err.Error())
		}
		zone, location, analysis = utc, time.UTC, &v1alpha1.Analysis{Schedule: line}
	}
	parsed, err := parseLine(analysis.Schedule)
	if err != nil {
		return Schedule{}, field.Invalid(path.Child("schedule"), analysis.Schedule, err.Error())
	}
	return Schedule{Line: analysis.Schedule, TimeZone: zone, parsed: parsed, location: location}, nil
}

// ReportSchedule returns the schedule of a report. A report without one runs at the same minute as its map, so that both are for the same time.
// Errors are those of ScheduleOf.
func ReportSchedule(r *v1alpha1.MetricReport, m *v1alpha1.JourneyMap) (Schedule, error) {
	uid := r.UID
	if !podconfig.SaysWhen(r.Spec.Analysis) {
		uid = m.UID
	}
	return ScheduleOf(podconfig.ReportAnalysis(r.Spec.Analysis, m.Spec.Analysis), uid)
}

// timeZone loads a zone as the CronJob controller does. An empty name is UTC.
func timeZone(name string) (string, *time.Location, error) {
	if name == "" {
		return utc, time.UTC, nil
	}
	location, err := value.Zone(name)
	if err != nil {
		return "", nil, fmt.Errorf("this time zone is not known: write a name of the IANA database such as Europe/Berlin, or leave it out for UTC")
	}
	return name, location, nil
}

// parseLine parses a line as the API server does for CronJobs, and refuses lines that it accepts although they never fire or are ambiguous.
func parseLine(line string) (cron.Schedule, error) {
	if strings.Contains(line, "TZ") {
		return nil, fmt.Errorf("the schedule must not name a time zone: use spec.analysis.timeZone")
	}
	if strings.HasPrefix(line, "@") {
		return nil, fmt.Errorf("write five fields such as \"0 6 * * 1-5\", or use spec.analysis.every")
	}
	parsed, err := cron.ParseStandard(line)
	if err != nil {
		return nil, fmt.Errorf("%w; write the five fields minute, hour, day of month, month and day of week, such as \"0 6 * * 1-5\"", err)
	}
	if parsed.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("no day fits this schedule, so it would never run: check day of month and month")
	}
	return parsed, nil
}

// CronSchedule converts an interval to a cron line. The minute is derived from a hash of the UID, so that many objects with the same interval do not
// start together.
func CronSchedule(every v1alpha1.AnalysisInterval, uid types.UID) (string, error) {
	text := string(every)
	if len(text) < 2 {
		return "", unsupportedInterval(text)
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 8)
	if err != nil || n == 0 {
		return "", unsupportedInterval(text)
	}
	spread := fnv.New64a()
	_, _ = spread.Write([]byte(uid))
	hash := spread.Sum64()
	switch unit := text[len(text)-1]; {
	case unit == 'm' && n == 1:
		return "* * * * *", nil
	case unit == 'm' && 60%n == 0 && n < 60:
		return fmt.Sprintf("%d-59/%d * * * *", hash%n, n), nil
	case unit == 'h' && n == 1:
		return fmt.Sprintf("%d * * * *", hash%60), nil
	case unit == 'h' && 24%n == 0 && n < 24:
		return fmt.Sprintf("%d */%d * * *", hash%60, n), nil
	case text == "1d":
		return fmt.Sprintf("%d 0 * * *", hash%60), nil
	}
	return "", unsupportedInterval(text)
}

func unsupportedInterval(text string) error {
	return fmt.Errorf("%q is not an interval that a cron line can express: use 1, 2, 3, 5, 6, 10, 12, 15, 20 or 30 m, 1, 2, 3, 4, 6, 8 or 12 h, or 1d", text)
}
