// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// span is the time range of a query. Both ends are included.
type span struct {
	From      *time.Time `json:"from"`
	To        *time.Time `json:"to"`
	TimeZone  string     `json:"timezone"`
	WeekStart *int       `json:"week_start"`
}

// analysis converts a span to the API, which has whole seconds and an exclusive end. The time of analysis is late enough that every window has ended.
func (s *span) analysis(events []Event) (*v1alpha1.Analysis, error) {
	from, to := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)
	if s.From != nil {
		from = *s.From
	}
	if s.To != nil {
		to = s.To.Add(time.Microsecond)
	}
	if s.From != nil && s.To != nil && s.To.Before(from) {
		// A range that ends before it starts contains nothing. The API refuses such a range, so use a range without events.
		return emptyRange(s, events), nil
	}
	start, end := from.Truncate(time.Second), to.Truncate(time.Second)
	if !end.Equal(to) {
		end = end.Add(time.Second)
	}
	for _, e := range events {
		if !e.Time.Before(start) && e.Time.Before(from) || !e.Time.Before(to) && e.Time.Before(end) {
			return nil, errors.New("a range that begins or ends inside a second, with an event in the rest of it")
		}
	}
	from, to = start, end
	a := &v1alpha1.Analysis{
		AsOf:     &metav1.Time{Time: to.AddDate(5, 0, 0)},
		Range:    &v1alpha1.TimeRange{From: metav1.Time{Time: from}, To: metav1.Time{Time: to}},
		TimeZone: s.TimeZone, WeekStart: v1alpha1.Sunday,
	}
	if s.WeekStart != nil && *s.WeekStart == 1 {
		a.WeekStart = v1alpha1.Monday
	}
	return a, nil
}

// emptyRange returns a second after all events.
func emptyRange(s *span, events []Event) *v1alpha1.Analysis {
	last := time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, e := range events {
		if e.Time.After(last) {
			last = e.Time
		}
	}
	from := last.Truncate(time.Second).Add(time.Second)
	return &v1alpha1.Analysis{
		AsOf:     &metav1.Time{Time: from.AddDate(5, 0, 0)},
		Range:    &v1alpha1.TimeRange{From: metav1.Time{Time: from}, To: metav1.Time{Time: from.Add(time.Second)}},
		TimeZone: s.TimeZone,
	}
}

// isoDuration matches an ISO 8601 duration without years and months, because their lengths differ.
var isoDuration = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// unitsOfDurations are the units of the API in the order of isoDuration, with their seconds.
var unitsOfDurations = []struct {
	name    string
	seconds int
}{{"w", 7 * 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}

// apiDuration converts an ISO 8601 duration to one of the API, which has one unit.
func apiDuration(iso string) (v1alpha1.Duration, error) {
	parts := isoDuration.FindStringSubmatch(iso)
	seconds := 0
	for i, unit := range unitsOfDurations {
		if parts != nil && parts[i+1] != "" {
			n, err := strconv.Atoi(parts[i+1])
			if err != nil {
				return "", fmt.Errorf("duration %s: %w", iso, err)
			}
			seconds += n * unit.seconds
		}
	}
	if seconds == 0 {
		return "", errors.New("duration " + iso)
	}
	for _, unit := range unitsOfDurations {
		if seconds%unit.seconds == 0 {
			return v1alpha1.Duration(strconv.Itoa(seconds/unit.seconds) + unit.name), nil
		}
	}
	return "", errors.New("duration " + iso)
}

// countBy converts what a query counts to the API. It is nil for persons.
func countBy(what string) (*v1alpha1.CountBy, error) {
	kind, name, _ := strings.Cut(what, ":")
	switch kind {
	case "", "person":
		return nil, nil
	case "group":
		return &v1alpha1.CountBy{Key: keyOf(what, "id")}, nil
	case "property":
		return &v1alpha1.CountBy{Key: keyOf("event", name)}, nil
	}
	return nil, errors.New("count_by " + what)
}

// periods maps the periods of cases to those of the API.
var periods = map[string]v1alpha1.PeriodUnit{
	"hour": v1alpha1.HourPeriod, "day": v1alpha1.DayPeriod, "week": v1alpha1.WeekPeriod, "month": v1alpha1.MonthPeriod,
}

// anyMap returns a map with one stage that any event matches, for queries that do not use a map.
func anyMap(a *v1alpha1.Analysis) *v1alpha1.JourneyMapSpec {
	return &v1alpha1.JourneyMapSpec{
		StoreRef: v1alpha1.LocalReference{Name: "case"}, Analysis: a,
		Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "1d"},
		Stages: []v1alpha1.Stage{{Name: "any", Touchpoints: []v1alpha1.Touchpoint{
			{Name: "any", Match: []v1alpha1.EventMatch{{}}},
		}}},
	}
}
