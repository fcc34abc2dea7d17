// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Day is what a finished day counted at one stage: Converted of Entered, at the same age for all days of a series.
type Day struct{ Entered, Converted int64 }

// Rule is when to raise an alarm. A zero field stands for its default.
type Rule struct {
	// Alpha is the probability of an alarm on a quiet day; DefaultAlpha if 0.
	Alpha float64
	// MinDrop is the least drop, relative to the expected rate, that is worth an alarm; DefaultMinDrop if 0. Without it, a stage with
	// millions of entrants would raise alarms that are true and of no interest.
	MinDrop float64
}

// Defaults and bounds.
const (
	// DefaultAlpha is one false alarm in ten thousand days of a stage: for five stages, one in five years.
	DefaultAlpha = 1e-4
	// DefaultMinDrop is 5 %.
	DefaultMinDrop = 0.05
	// HistoryDays is how far back the baseline reaches: eight weeks.
	HistoryDays = 56
	// MinDays is the least number of days with entrants in the baseline, and MinWeekdays of them on the weekday of the newest day.
	MinDays     = 28
	MinWeekdays = 3
)

// Evidence is why there is an alarm, or none.
type Evidence struct {
	// Alarm says that the day is significantly worse than expected, and by enough to matter.
	Alarm bool
	// Observed is the rate of the newest day: Converted of Entered.
	Observed           float64
	Entered, Converted int64
	// Expected is the rate of such a weekday, by its past.
	Expected float64
	// Range holds the rates of 95 % of quiet days like this one.
	Range stats.Interval
	// P is the probability that a quiet day is as bad as this one, or worse.
	P float64
	// Days is the number of days that the baseline rests on, and LeftOut how many were left out as far out.
	Days, LeftOut int
	// Correlation is ρ: how much days differ beyond chance; 0 for days that differ by chance alone.
	Correlation float64
}

// Detect evaluates the newest day by those before it. Days has one entry for every day of the calendar, oldest first, days without entrants
// too, so that the day of the week is the place counted from the end; the last is the newest finished day. More than HistoryDays
// before it are not looked at. Judged is false where there is too little to go by: nobody entered on the newest day, or fewer
// than MinDays (MinWeekdays) days with entrants; and for counts that cannot be.
//
// If more than a fifth of the past is far out, this is the new normal rather than incidents, and nothing is left out: after a lasting
// drop, alarms end within two weeks, and the baseline has moved within eight.
func Detect(days []Day, rule Rule) (e Evidence, judged bool) {
	if rule.Alpha == 0 {
		rule.Alpha = DefaultAlpha
	}
	if rule.MinDrop == 0 {
		rule.MinDrop = DefaultMinDrop
	}
	past, newest, ok := split(days)
	if !ok {
		return Evidence{}, false
	}
	e = Evidence{Entered: newest.entered(), Converted: newest.converted(), Observed: newest.rate}
	past, e.LeftOut = quiet(past)
	e.Days = len(past)
	base := fit(past)
	degrees := len(past) - base.weekdays
	own := 0
	for _, d := range past {
		if d.weekday == newest.weekday {
			own++
		}
	}
	if e.Days < MinDays || own < MinWeekdays || degrees < 1 {
		return Evidence{}, false
	}
	e.Correlation = base.correlation
	e.Expected = base.rate[newest.weekday]
	p := prediction{rate: e.Expected, n: newest.n, variance: base.variance(newest)}
	// The same place in the tail, on the wider distribution.
	z := distuv.UnitNormal.Quantile(min(1-1e-16, max(1e-300, p.atMost(newest.k))))
	e.P = stats.StudentTail(-z, float64(degrees))
	e.Range = stats.Interval{Low: p.quantile(0.025), High: p.quantile(0.975)}
	e.Alarm = e.P < rule.Alpha && e.Observed < e.Expected*(1-rule.MinDrop)
	return e, true
}

// observation is a day with entrants.
type observation struct {
	weekday    int // days back from the newest, modulo 7
	n, k, rate float64
}

func (o observation) entered() int64   { return int64(o.n) }
func (o observation) converted() int64 { return int64(o.k) }

// split returns the days with entrants of the baseline, and the newest day.
func split(days []Day) (past []observation, newest observation, ok bool) {
	if len(days) == 0 {
		return nil, observation{}, false
	}
	days = days[max(0, len(days)-1-HistoryDays):]
	for i, d := range days {
		if d.Converted < 0 || d.Converted > d.Entered || d.Entered > stats.MaxCount {
			return nil, observation{}, false
		}
		o := observation{weekday: (len(days) - 1 - i) % 7, n: float64(d.Entered), k: float64(d.Converted)}
		switch {
		case d.Entered == 0:
			continue
		case i < len(days)-1:
			o.rate = o.k / o.n
			past = append(past, o)
		default:
			o.rate = o.k / o.n
			newest, ok = o, true
		}
	}
	return past, newest, ok && !math.IsNaN(newest.rate)
}
