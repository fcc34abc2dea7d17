// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Statistic is how many values become one.
type Statistic string

// The statistics. There are also percentiles: P1 to P99.
const (
	Sum    Statistic = "Sum"
	Mean   Statistic = "Mean"
	Median Statistic = "Median"
)

// percent returns the percentage of a percentile, or 0 if the statistic is not a percentile.
func (s Statistic) percent() int64 {
	n, err := strconv.Atoi(strings.TrimPrefix(string(s), "P"))
	if err != nil || n < 1 || n > 99 || s != Statistic(fmt.Sprint("P", n)) {
		return 0
	}
	return int64(n)
}

// valid returns an error if the statistic is unknown.
func (s Statistic) valid() error {
	if s == Sum || s == Mean || s == Median || s.percent() > 0 {
		return nil
	}
	return fmt.Errorf("statistic: there is no %q", s)
}

// PropertyValue is a statistic of a number in events. Events without the number, or with a text that is not a number, are left out.
type PropertyValue struct {
	// Match lists the events.
	Match []journey.Match
	// Key of the number, as in conditions, such as properties.minutes, amount, or survey.score.
	Key string
	// Statistic to compute.
	Statistic Statistic
	// Money converts the key amount to a currency.
	Money money.Orders
}

// lackRoom means that a number is too large.
const lackRoom uint8 = 1

// keyAmount is the key of the amount of an event.
const keyAmount = "amount"

// Matches lists the events by role.
func (p PropertyValue) Matches() [][]journey.Match { return [][]journey.Match{p.Match} }

// Read records what the metric needs of an event.
func (p PropertyValue) Read(v *match.Values, _ uint8, h *metric.Hit) {
	if p.Key == keyAmount {
		h.Amount, h.Usable = p.Money.Convert(v.Row.Amount, v.Row.Currency)
		return
	}
	k, err := match.ParseKey(p.Key)
	if err != nil {
		return
	}
	if text, ok := v.Get(k); ok {
		if n, ok := number.Parse(text); ok {
			if h.Amount, h.Usable = n.Micro(); !h.Usable {
				h.Lack = lackRoom
			}
		}
	}
}

// Needs marks the columns that Read uses.
func (p PropertyValue) Needs(n *match.Needs) { n.AddKey(p.Key) }

// NewSums returns empty sums. An error names the invalid field.
func (p PropertyValue) NewSums(*metric.Context) (metric.Sums, error) {
	if _, err := match.ParseKey(p.Key); err != nil {
		return nil, fmt.Errorf("value.key: %w", err)
	}
	if err := p.Statistic.valid(); err != nil {
		return nil, fmt.Errorf("value.%w", err)
	}
	return &propertyValue{table: p}, nil
}

type propertyValue struct {
	table PropertyValue
	sums  stats.Sums
	// ranked holds the values of a median or percentile. They are not below zero.
	ranked  number.Durations
	leftOut int64
	// large counts numbers that are left out because they are too large.
	large int64
}

func (p *propertyValue) isRanked() bool { return p.table.Statistic != Sum && p.table.Statistic != Mean }

// OfEvents marks sums that count single events.
func (*propertyValue) OfEvents() {}

func (p *propertyValue) AddPerson(v *metric.View) {
	for h := range v.PeriodHits() {
		p.add(h)
	}
}

func (p *propertyValue) add(h *metric.Hit) {
	switch {
	case !h.Usable, p.isRanked() && h.Amount < 0:
		p.leftOut++
		p.large += int64(h.Lack)
	case p.isRanked():
		p.ranked.Add(h.Amount)
	default:
		p.sums.Add(h.Amount)
	}
}

func (p *propertyValue) Merge(other metric.Sums) {
	o := other.(*propertyValue)
	p.sums.Merge(&o.sums)
	p.ranked.Merge(&o.ranked)
	p.leftOut += o.leftOut
	p.large += o.large
}

func (p *propertyValue) Value() metric.Value {
	digits, unit := number.RatioDigits, metric.UnitNumber
	if p.table.Key == keyAmount {
		digits, unit = number.MoneyDigits, p.table.Money.Currency
	}
	var v metric.Value
	switch p.table.Statistic {
	case Mean:
		v = meanOf(&p.sums, digits, unit)
	case Sum:
		d, ok := number.DivideBig(p.sums.Sum.Big(), big.NewInt(event.MicroUnits), digits)
		v = metric.Value{Number: d, Known: ok && (p.sums.N > 0 || p.leftOut == 0), Samples: p.sums.N}
	default:
		v = rankedValue(&p.ranked, p.table.Statistic, digits)
	}
	v.Unit, v.LeftOut, v.Note = unit, p.leftOut, p.note()
	return v
}

// note describes which events are not part of the number: their values are unknown, not 0.
func (p *propertyValue) note() string {
	what := "without a number at " + p.table.Key
	switch {
	case p.table.Key == keyAmount:
		what = "without an amount that counts"
	case p.isRanked():
		what += ", or with one below zero,"
	}
	if p.large > 0 {
		what = strings.TrimSuffix(what, ",") + ", or with one over 9,223,372,036,854,"
	}
	switch {
	case p.leftOut == 0:
		return ""
	case p.sums.N == 0 && p.ranked.N() == 0:
		return "no value: all events are " + strings.TrimSuffix(what, ",")
	}
	return fmt.Sprintf("events %s are left out (%d)", what, p.leftOut)
}

// rankedValue returns the median, which is the mean of the middle two for an even number of values, or a percentile by nearest rank: the smallest
// value that at least that percentage of the values does not exceed.
func rankedValue(d *number.Durations, s Statistic, digits int) metric.Value {
	if d.N() == 0 {
		return metric.Value{}
	}
	low, high := d.Rank((d.N()-1)/2), d.Rank(d.N()/2)
	if percent := s.percent(); percent > 0 {
		whole, rest := d.N()/100, d.N()%100
		low = d.Rank(whole*percent + (rest*percent+99)/100 - 1)
		high = low
	}
	sum := new(big.Int).Add(big.NewInt(low), big.NewInt(high))
	n, ok := number.DivideBig(sum, big.NewInt(2*event.MicroUnits), digits)
	return metric.Value{Number: n, Known: ok, Samples: d.N()}
}
