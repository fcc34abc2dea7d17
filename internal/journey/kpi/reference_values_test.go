// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// refAnswers returns the integer answers of a kind between low and high, and the number of events without one.
func refAnswers(q *refAsk, kind string, low, high int64) (answers []int64, leftOut int64) {
	for i := range q.rows {
		r := &q.rows[i]
		if !q.inPeriod(r, "Survey Responded") {
			continue
		}
		score := big.NewRat(r.Score, event.MicroUnits)
		isWhole := score.IsInt() && score.Num().Int64() >= low && score.Num().Int64() <= high
		if r.SurveyKind != kind || !isWhole || r.Scale != 0 && r.Scale != high*event.MicroUnits {
			leftOut++
			continue
		}
		answers = append(answers, score.Num().Int64())
	}
	return answers, leftOut
}

func refSatisfaction(scale, from int64) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		answers, leftOut := refAnswers(q, "csat", 1, scale)
		satisfied := slices.DeleteFunc(slices.Clone(answers), func(a int64) bool { return a < from })
		return refNumber{value: refRat(int64(len(satisfied)), int64(len(answers))), digits: 4, unit: metric.UnitRatio, samples: int64(len(answers)), leftOut: leftOut, interval: refWilson(int64(len(satisfied)), int64(len(answers)))}
	}
}

func refEffort(q *refAsk) refNumber {
	answers, leftOut := refAnswers(q, "ces", 1, 7)
	sum := int64(0)
	var list []float64
	for _, a := range answers {
		sum += a
		list = append(list, float64(a))
	}
	return refNumber{value: refRat(sum, int64(len(answers))), digits: 2, unit: metric.UnitPoints, samples: int64(len(answers)), leftOut: leftOut, interval: refSizes(list, 2)}
}

func refNPS(q *refAsk) refNumber {
	answers, leftOut := refAnswers(q, "nps", 0, 10)
	points, promoters, detractors := int64(0), int64(0), int64(0)
	for _, a := range answers {
		switch a {
		case 9, 10:
			points += 100
			promoters++
		case 0, 1, 2, 3, 4, 5, 6:
			points -= 100
			detractors++
		}
	}
	return refNumber{
		value: refRat(points, int64(len(answers))), digits: 1, unit: metric.UnitPoints, samples: int64(len(answers)), leftOut: leftOut,
		interval: refScore(promoters, detractors, int64(len(answers))),
	}
}

// refStatistic computes a statistic of numbers in micro-units.
func refStatistic(s Statistic, list []int64) *big.Rat {
	n := len(list)
	if n == 0 && s != Sum {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	sum := int64(0)
	for _, x := range list {
		sum += x
	}
	switch s {
	case Sum:
		return big.NewRat(sum, event.MicroUnits)
	case Mean:
		return big.NewRat(sum, int64(n)*event.MicroUnits)
	case Median:
		return big.NewRat(list[(n-1)/2]+list[n/2], 2*event.MicroUnits)
	}
	var percent int
	if _, err := fmt.Sscanf(string(s), "P%d", &percent); err != nil {
		panic(err)
	}
	for _, x := range list {
		atMost := 0
		for _, y := range list {
			if y <= x {
				atMost++
			}
		}
		if atMost*100 >= percent*n {
			return big.NewRat(x, event.MicroUnits)
		}
	}
	panic("the greatest value is at least all")
}

// refSpread computes the interval of the mean of numbers in micro-units. Other statistics have none.
func refSpread(s Statistic, list []int64) *refRange {
	if s != Mean {
		return nil
	}
	var each []float64
	for _, x := range list {
		each = append(each, float64(x)/1e6)
	}
	return refStudent(each)
}

// refTimes is refSpread for times in whole seconds.
func refTimes(s Statistic, list []int64) *refRange {
	if r := refSpread(s, list); r == nil || math.Round(r.low) >= 0 {
		return r
	}
	return nil
}

// refValues computes a statistic of the numbers in rows. Percentiles need non-negative numbers.
func refValues(q *refAsk, s Statistic, name string, digits int, unit string, number func(r *journey.Row) (int64, bool)) refNumber {
	var list []int64
	leftOut := int64(0)
	for i := range q.rows {
		if r := &q.rows[i]; q.inPeriod(r, name) {
			if x, ok := number(r); ok && (x >= 0 || s == Sum || s == Mean) {
				list = append(list, x)
			} else {
				leftOut++
			}
		}
	}
	if s == Sum && len(list) == 0 && leftOut > 0 {
		return refNumber{digits: digits, unit: unit, leftOut: leftOut}
	}
	return refNumber{value: refStatistic(s, list), digits: digits, unit: unit, samples: int64(len(list)), leftOut: leftOut, interval: refSpread(s, list)}
}

func refAmounts(s Statistic) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber { return refValues(q, s, "Order Completed", 2, "EUR", refEuros) }
}

// refProperty uses the property n, which the drawn rows have.
func refProperty(s Statistic) func(q *refAsk) refNumber {
	return func(q *refAsk) refNumber {
		return refValues(q, s, "A", 4, metric.UnitNumber, func(r *journey.Row) (int64, bool) {
			for text, micro := range map[string]int64{`0`: 0, `2`: 2_000_000, `7.25`: 7_250_000, `-3.5`: -3_500_000, `0.000001`: 1} {
				if strings.HasPrefix(r.Properties, `{"n":`+text+`,`) || r.Properties == `{"n":`+text+`}` {
					return micro, true
				}
			}
			return 0, false
		})
	}
}
