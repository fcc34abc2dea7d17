// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Day holds the counts of a finished day at one stage, at the same age for all days of a series.
type Day struct{ Entered, Converted int64 }

// Rule defines when to raise an alarm. A zero field means its default.
type Rule struct {
	// Alpha is the probability of an alarm on a normal day; DefaultAlpha if 0.
	Alpha float64
	// MinDrop is the smallest drop, relative to the expected rate, that raises an alarm; DefaultMinDrop if 0. Without it, a stage with millions of
	// entrants would raise alarms about drops that are real but irrelevant.
	MinDrop float64
}

// Defaults and limits.
const (
	// DefaultAlpha is one false alarm in ten thousand days of a stage: for five stages, one in five years.
	DefaultAlpha = 1e-4
	// DefaultMinDrop is 5 %.
	DefaultMinDrop = 0.05
	// HistoryDays is how far back the baseline reaches: eight weeks.
	HistoryDays = 56
	// MinDays is the smallest number of days with entrants in the baseline, MinWeekdays the smallest number on the weekday of the latest day.
	MinDays     = 28
	MinWeekdays = 3
)

// Evidence is the reason for an alarm, or for none.
type Evidence struct {
	// Alarm is set if the day is significantly worse than expected, and by at least MinDrop.
	Alarm bool
	// Observed is the rate of the latest day: Converted of Entered.
	Observed           float64
	Entered, Converted int64
	// Expected is the rate of that weekday in the past.
	Expected float64
	// Range contains the rates of 95 % of normal days like this one.
	Range stats.Interval
	// P is the probability that a normal day is at least as bad as this one.
	P float64
	// Days is the number of days in the baseline, LeftOut the number of outliers that were left out.
	Days, LeftOut int
	// Correlation is ρ: how much days differ beyond chance; 0 if they differ by chance only.
	Correlation float64
}

// Detect compares the latest day with those before it. Days has one entry for every calendar day, oldest first, including days without
// entrants, so that the weekday follows from the position counted from the end. The last one is the latest finished day. Days more than
// HistoryDays before it are ignored. ok is false if there is not enough data (nobody entered on the latest day, or fewer than MinDays or
// MinWeekdays days have entrants), and for impossible counts.
//
// If more than a fifth of the past are outliers, it is a new normal rather than incidents, and nothing is left out. After a lasting drop,
// alarms end within two weeks, and the baseline has adapted within eight.
func Detect(days []Day, rule Rule) (e Evidence, ok bool) {
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
	// the same tail probability, on the wider distribution
	z := distuv.UnitNormal.Quantile(min(1-1e-16, max(1e-300, p.atMost(newest.k))))
	e.P = stats.StudentTail(-z, float64(degrees))
	e.Range = stats.Interval{Low: p.quantile(0.025), High: p.quantile(0.975)}
	e.Alarm = e.P < rule.Alpha && e.Observed < e.Expected*(1-rule.MinDrop)
	return e, true
}

// observation is a day with entrants.
type observation struct {
	weekday    int // days before the latest, modulo 7
	n, k, rate float64
}

func (o observation) entered() int64   { return int64(o.n) }
func (o observation) converted() int64 { return int64(o.k) }

// split returns the days with entrants of the baseline, and the latest day.
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
