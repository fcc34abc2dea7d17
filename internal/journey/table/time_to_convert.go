// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// TimeToConvert shows how long customers took from one stage to another: mean, median, 90th percentile, minimum, maximum, and a histogram.
//
// It uses the mature attempts that count, and of those the ones that reached both stages. The histogram has as many bins as the cube root of the
// number of converters, rounded up, 1 to MaxBins. A bin is ceil((ceil(max) - floor(min)) / bins) seconds wide, and 60 if that is 0. One more
// bin at the end holds those at the upper edge.
type TimeToConvert struct {
	metric.NoHits
	metric.OfEntries
	// From and To are names of stages; empty means the first stage and the goal. In the order Any, the n-th stage means the one reached as the n-th.
	From, To string
	// Bins of the histogram; 0 means the cube root.
	Bins int
}

// MaxBins is the number of bins of a histogram, without the one at the upper edge.
const MaxBins = 60

// Since returns the time from which the metric needs events.
func (t TimeToConvert) Since(p *journey.Period, _ *journey.Calendar) int64 { return p.From }

// NewSums returns empty sums. An error names the invalid field.
func (t TimeToConvert) NewSums(c *metric.Context) (metric.Sums, error) {
	stages, err := stretchOf(c.Map, t.From, t.To)
	switch {
	case err != nil:
		return nil, fmt.Errorf("timeToConvert.%w", err)
	case stages.from == stages.to:
		return nil, fmt.Errorf("timeToConvert.to: must be another stage than from")
	case t.Bins < 0 || t.Bins > MaxBins:
		return nil, fmt.Errorf("timeToConvert.bins: at most %d", MaxBins)
	}
	return &TimeToConvertSums{stretch: stages, policy: c.Policy, bins: t.Bins}, nil
}

// StagesOnly marks metrics that use only attempts.
func (TimeToConvert) StagesOnly() {}

// TimeToConvertSums collects the durations of a TimeToConvert.
type TimeToConvertSums struct {
	stretch stretch
	policy  journey.Policy
	bins    int

	durations number.Durations
	// The sum of all in microseconds is in two parts, so that it cannot overflow.
	seconds, micros int64
	least, most     int64
}

// Bin is one bar of a histogram.
type Bin struct {
	// From is the lower bound in seconds.
	From int64
	// Customers in the bin.
	Customers int64
}

// AddPerson adds a person.
func (s *TimeToConvertSums) AddPerson(v *metric.View) {
	for i := range v.Attempts {
		if d, ok := s.stretch.duration(&v.Attempts[i].Attempt, v.Person.Events, s.policy); ok {
			s.add(d)
		}
	}
}

func (s *TimeToConvertSums) add(d int64) {
	if s.Customers() == 0 {
		s.least, s.most = d, d
	}
	s.least, s.most = min(s.least, d), max(s.most, d)
	s.durations.Add(d)
	s.seconds += d / number.MicrosPerSecond
	s.micros += d % number.MicrosPerSecond
}

// Merge adds the durations of other persons.
func (s *TimeToConvertSums) Merge(other metric.Sums) {
	o := other.(*TimeToConvertSums)
	switch {
	case o.Customers() == 0:
		return
	case s.Customers() == 0:
		s.least, s.most = o.least, o.most
	}
	s.least, s.most = min(s.least, o.least), max(s.most, o.most)
	s.durations.Merge(&o.durations)
	s.seconds += o.seconds
	s.micros += o.micros
}

// Customers returns the number of customers who converted.
func (s *TimeToConvertSums) Customers() int64 { return s.durations.N() }

// Mean returns the mean in seconds, with three digits.
func (s *TimeToConvertSums) Mean() (number.Decimal, bool) {
	sum := new(big.Int).Mul(big.NewInt(s.seconds), big.NewInt(number.MicrosPerSecond))
	sum.Add(sum, big.NewInt(s.micros))
	return number.DivideBig(sum, new(big.Int).Mul(big.NewInt(s.Customers()), big.NewInt(number.MicrosPerSecond)), secondDigits)
}

// secondDigits is the number of digits of seconds after the decimal point.
const secondDigits = 3

// Percentile returns a percentile by nearest rank, in microseconds: the smallest duration that at least that percentage of customers did not exceed.
func (s *TimeToConvertSums) Percentile(percent int64) int64 {
	n := s.Customers()
	return s.bounded(s.durations.Rank(max(0, (n*percent+99)/100-1)))
}

// bounded limits a duration to the minimum and the maximum. A duration in a bucket counts as the middle of the bucket, which can be outside them.
func (s *TimeToConvertSums) bounded(micros int64) int64 { return max(s.least, min(micros, s.most)) }

// Histogram returns the bins in order, including the one at the upper edge; none without customers.
func (s *TimeToConvertSums) Histogram() []Bin {
	n := s.Customers()
	if n == 0 {
		return nil
	}
	count := int64(s.bins)
	if count == 0 {
		count = cubeRoot(n)
	}
	from := s.least / number.MicrosPerSecond
	to := (s.most + number.MicrosPerSecond - 1) / number.MicrosPerSecond
	width := (to - from + count - 1) / count
	if width == 0 {
		width = 60
	}
	bins := make([]Bin, count+1)
	for i := range bins {
		bins[i].From = from + int64(i)*width
	}
	s.durations.Each(func(micros, times int64) {
		micros = s.bounded(micros)
		bins[(micros-from*number.MicrosPerSecond)/(width*number.MicrosPerSecond)].Customers += times
	})
	return bins
}

// cubeRoot returns the cube root of n, rounded up, 1 to MaxBins.
func cubeRoot(n int64) int64 {
	root := int64(1)
	for root < MaxBins && root*root*root < n {
		root++
	}
	return root
}

// Grid returns the summary, then a row for each bin with its lower bound.
func (s *TimeToConvertSums) Grid() metric.Grid { return s.GridCompared(nil) }

// GridCompared also returns the summary of another period.
func (s *TimeToConvertSums) GridCompared(previous metric.Sums) metric.Grid {
	g := metric.Grid{Samples: s.Customers(), Columns: []metric.Column{
		{Name: "what", Unit: metric.UnitText}, {Name: "seconds", Unit: metric.UnitSeconds}, {Name: "customers", Unit: metric.UnitCount},
	}}
	before, _ := previous.(*TimeToConvertSums)
	if before != nil {
		g.Columns = append(g.Columns, metric.Column{Name: "previousSeconds", Unit: metric.UnitSeconds},
			metric.Column{Name: "previousCustomers", Unit: metric.UnitCount})
	}
	row := func(values ...string) { g.Rows = append(g.Rows, metric.GridRow{Values: values[:len(g.Columns)]}) }
	for _, name := range []string{"mean", "median", "p90", "least", "most"} {
		values := []string{name, s.summary(name), number.Whole(s.Customers()), "", ""}
		if before != nil {
			values[3], values[4] = before.summary(name), number.Whole(before.Customers())
		}
		row(values...)
	}
	for _, b := range s.Histogram() {
		row("from", strconv.FormatInt(b.From, 10), number.Whole(b.Customers), "", "")
	}
	return g
}

// summary returns one number of the summary. It is empty without customers.
func (s *TimeToConvertSums) summary(name string) string {
	mean, ok := s.Mean()
	if !ok {
		return ""
	}
	micros := int64(0)
	switch name {
	case "mean":
		return mean.String()
	case "median":
		median, _ := s.durations.Median()
		return number.Whole(median)
	case "p90":
		micros = s.Percentile(90)
	case "least":
		micros = s.least
	case "most":
		micros = s.most
	}
	d, _ := number.Divide(micros, number.MicrosPerSecond, secondDigits)
	return d.String()
}
