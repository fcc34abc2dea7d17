// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package anomaly

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// world draws days with a rate and a volume that depend on the weekday, and with more variation than chance, from another distribution than the
// detector's: normal on the scale of log odds.
type world struct {
	rate, volume, spread float64 // spread is the standard deviation of the log odds of a day
	seed                 uint64
	memory               float64 // memory is the share of a day's deviation that remains on the next day
}

func (w world) days(n int, change func(day int) float64) []Day {
	random := rand.New(rand.NewPCG(w.seed, uint64(w.volume*1e6*w.rate)))
	swing := [7]float64{0, 0.05, 0.1, 0.05, 0, -0.25, -0.35}
	crowd := [7]float64{1, 0.9, 0.95, 1, 1.2, 1.6, 1.4}
	list := make([]Day, n)
	deviation := w.spread * random.NormFloat64()
	for i := range list {
		deviation = w.memory*deviation + w.spread*math.Sqrt(1-w.memory*w.memory)*random.NormFloat64()
		odds := math.Log(w.rate/(1-w.rate)) + swing[i%7] + deviation
		rate := change(i) / (1 + math.Exp(-odds))
		entered := distuv.Poisson{Lambda: w.volume * crowd[i%7], Src: random}.Rand()
		if entered > 0 {
			list[i] = Day{int64(entered), int64(distuv.Binomial{N: entered, P: rate, Src: random}.Rand())}
		}
	}
	return list
}

func same(int) float64 { return 1 }

// alarms returns the number of days of a year that are tested, and how many have a p-value below each level, whatever the size of the drop.
func alarms(days []Day, levels []float64) (judged int, below []int) {
	below = make([]int, len(levels))
	for i := HistoryDays; i < len(days); i++ {
		e, ok := Detect(days[:i+1], Rule{})
		if !ok {
			continue
		}
		judged++
		for j, level := range levels {
			if e.P < level && e.Observed < e.Expected {
				below[j]++
			}
		}
	}
	return judged, below
}

// In years without incidents, stages of all sizes, rates and variations have no more alarms than documented, at the default level and at levels with
// enough alarms to count.
func TestYearsWithoutIncidents(t *testing.T) {
	levels := []float64{DefaultAlpha, 1e-3, 1e-2}
	total, sums := 0, make([]int, len(levels))
	for _, rate := range []float64{0.01, 0.1, 0.35, 0.8, 0.97} {
		for _, volume := range []float64{15, 150, 2000, 300_000} {
			for _, spread := range []float64{0, 0.05, 0.25} {
				for seed := range uint64(2) {
					w := world{rate, volume, spread, seed + 1, 0}
					judged, below := alarms(w.days(HistoryDays+365, same), levels)
					require.Equal(t, 365, judged)
					total += judged
					for j := range levels {
						sums[j] += below[j]
					}
					// A single year of a single stage has at most four days with p < 0.001. The expected number is 0.4.
					require.LessOrEqual(t, below[1], 4, fmt.Sprintf("%+v", w))
				}
			}
		}
	}
	t.Logf("%d quiet days, p below %v: %v", total, levels, sums)
	for j, level := range levels {
		expected := level * float64(total)
		require.LessOrEqual(t, float64(sums[j]), expected+3*math.Sqrt(expected), "level %v", level)
	}
}

// Days that are similar to the previous day, such as with prices and campaigns, increase the number of alarms only slightly.
func TestYearsWithCorrelatedDays(t *testing.T) {
	levels := []float64{DefaultAlpha, 1e-2}
	total, sums := 0, make([]int, len(levels))
	for _, rate := range []float64{0.1, 0.8} {
		for _, memory := range []float64{0.4, 0.8} {
			for seed := range uint64(6) {
				judged, below := alarms(world{rate, 2000, 0.15, seed + 1, memory}.days(HistoryDays+365, same), levels)
				total += judged
				for j := range levels {
					sums[j] += below[j]
				}
			}
		}
	}
	t.Logf("%d quiet days, p below %v: %v", total, levels, sums)
	require.LessOrEqual(t, sums[0], 4)
	require.LessOrEqual(t, float64(sums[1]), 0.02*float64(total))
}

// A drop by the documented share raises an alarm on its day, and none on the days before.
func TestIncidentRaisesAnAlarm(t *testing.T) {
	for _, c := range []struct {
		world
		left float64
	}{
		{world{0.35, 150, 0, 1, 0}, 0.4}, {world{0.35, 2000, 0.05, 1, 0}, 0.75}, {world{0.1, 2000, 0, 1, 0}, 0.6}, {world{0.8, 2000, 0.05, 1, 0}, 0.88},
		{world{0.35, 300_000, 0.05, 1, 0}, 0.75}, {world{0.02, 5000, 0.05, 1, 0}, 0.4},
	} {
		missed := 0
		for c.seed = range uint64(20) {
			days := c.days(80, func(day int) float64 {
				if day == 79 {
					return c.left
				}
				return 1
			})
			e, ok := Detect(days, Rule{})
			require.True(t, ok)
			if !e.Alarm {
				missed++
			}
			before, ok := Detect(days[:79], Rule{})
			require.True(t, ok)
			require.False(t, before.Alarm, "%+v", before)
			if e.Alarm {
				require.Less(t, e.Observed, e.Range.Low)
			}
			require.InEpsilon(t, c.left, e.Observed/e.Expected, 0.5)
		}
		t.Logf("%+v: %d of 20 missed", c, missed)
		require.LessOrEqual(t, missed, 1, "%+v", c)
	}
}

// Three bad days are not part of the baseline, so that the next incident is noticed, too.
func TestAfterAnIncident(t *testing.T) {
	w := world{0.35, 2000, 0.05, 4, 0}
	days := w.days(90, func(day int) float64 {
		if day == 89 || day >= 70 && day < 73 {
			return 0.6
		}
		return 1
	})
	e, ok := Detect(days, Rule{})
	require.True(t, ok)
	require.True(t, e.Alarm)
	require.Equal(t, 3, e.LeftOut)
	require.Equal(t, HistoryDays-3, e.Days)
	for day := 70; day < 73; day++ {
		e, _ = Detect(days[:day+1], Rule{})
		require.True(t, e.Alarm, "every day of it")
	}
	e, _ = Detect(days[:74], Rule{})
	require.False(t, e.Alarm, "the day after")
}

// A lasting drop raises alarms for some days, and none when it has become the baseline.
func TestLastingDrop(t *testing.T) {
	w := world{0.35, 2000, 0.02, 4, 0}
	days := w.days(200, func(day int) float64 {
		if day >= 80 {
			return 0.6
		}
		return 1
	})
	count, last := 0, 0
	for day := 60; day < 200; day++ {
		e, ok := Detect(days[:day+1], Rule{})
		require.True(t, ok)
		if e.Alarm {
			count++
			last = day
		}
	}
	t.Logf("%d alarms, the last %d days after the drop", count, last-80)
	require.GreaterOrEqual(t, count, 7)
	require.LessOrEqual(t, last, 80+14)
}

func TestSmallDropsOfLargeStages(t *testing.T) {
	w := world{0.35, 5e6, 0, 1, 0}
	days := w.days(70, func(day int) float64 {
		if day == 69 {
			return 0.97
		}
		return 1
	})
	e, ok := Detect(days, Rule{})
	require.True(t, ok)
	require.Less(t, e.P, 1e-9)
	require.False(t, e.Alarm)
	e, _ = Detect(days, Rule{MinDrop: 0.01})
	require.True(t, e.Alarm)
}

func TestTooFewData(t *testing.T) {
	days := world{0.3, 100, 0, 1, 0}.days(60, same)
	for _, few := range [][]Day{nil, days[:1], days[:MinDays], append(days[:59:59], Day{}), append(days[:59:59], Day{1, 2}), append(days[:59:59], Day{-1, -1})} {
		_, ok := Detect(few, Rule{})
		require.False(t, ok)
	}
	_, ok := Detect(days[:MinDays+1], Rule{})
	require.True(t, ok)
	// A weekday without past data, as for a stage that is closed on this weekday.
	closed := append([]Day(nil), days...)
	for i := 52; i >= 0; i -= 7 {
		closed[i] = Day{}
	}
	_, ok = Detect(closed, Rule{})
	require.False(t, ok)
}

// Compares with the sum of probabilities from the rule of succession.
func TestTailAgreesWithBetaBinomial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 60).Draw(t, "n")
		rate := rapid.Float64Range(0.01, 0.99).Draw(t, "rate")
		rho := rapid.Float64Range(0.001, 0.6).Draw(t, "rho")
		a, b := rate*(1/rho-1), (1-rate)*(1/rho-1)
		// chance[k] after i draws from Polya's urn.
		chance := []float64{1}
		for i := range n {
			next := make([]float64, i+2)
			for k, c := range chance {
				up := (a + float64(k)) / (a + b + float64(i))
				next[k+1] += c * up
				next[k] += c * (1 - up)
			}
			chance = next
		}
		p := prediction{rate: rate, n: float64(n), variance: rate * (1 - rate) * (1 + float64(n-1)*rho) / float64(n)}
		sum := 0.0
		for k := range n {
			sum += chance[k]
			require.InDelta(t, sum, p.atMost(float64(k)), 1e-9)
		}
	})
}

// Where the beta distribution replaces the sum, the tails are almost the same.
func TestSumAgreesWithBetaDistribution(t *testing.T) {
	for _, rate := range []float64{0.02, 0.5, 0.95} {
		n := float64(maxSummed)
		p := prediction{rate: rate, n: n, variance: rate * (1 - rate) * (1/n + 2e-5)}
		for _, z := range []float64{0, 1, 2, 3} {
			k := math.Floor(n * (rate - z*math.Sqrt(p.variance)))
			require.InEpsilon(t, p.atMost(k), p.below((k+0.5)/n), 0.2, "%v %v", rate, z)
		}
	}
}

// For days with many persons in equal numbers, p is that of a t test of the newest day against the other days of its weekday, with the variance of
// all 56 days and 56 − 7 degrees of freedom.
func TestPAgreesWithTTest(t *testing.T) {
	const n = 10_000
	random := rand.New(rand.NewPCG(8, 8))
	var days []Day
	for range HistoryDays {
		days = append(days, Day{n, int64(math.Round(5000 + 150*random.NormFloat64()))})
	}
	days = append(days, Day{n, 4400})
	e, ok := Detect(days, Rule{})
	require.True(t, ok)
	require.Zero(t, e.LeftOut)
	var mean [7]float64
	for i, d := range days[:HistoryDays] {
		mean[i%7] += float64(d.Converted) / n / 8
	}
	spread := 0.0
	for i, d := range days[:HistoryDays] {
		spread += math.Pow(float64(d.Converted)/n-mean[i%7], 2) / (HistoryDays - 7)
	}
	z := (mean[0] - 0.44) / math.Sqrt(spread*(1+1.0/8))
	want := distuv.StudentsT{Sigma: 1, Nu: HistoryDays - 7}.Survival(z)
	require.Less(t, math.Erfc(z/math.Sqrt2)/2, want/2, "the normal tail would say another thing")
	require.InEpsilon(t, want, e.P, 0.15)
}

// At the shape where one method replaces the other, the tails are almost the same.
func TestBetaAgreesWithNormal(t *testing.T) {
	for _, rate := range []float64{0.02, 0.5, 0.95} {
		for _, z := range []float64{-4, -2, 0, 1} {
			at := func(shape float64) float64 {
				p := prediction{rate: rate, n: 1e9, variance: rate * (1 - rate) / (shape + 1)}
				return p.below(rate + z*math.Sqrt(p.variance))
			}
			require.InEpsilon(t, at(maxShape*0.999), at(maxShape*1.001), 0.05, "%v %v", rate, z)
		}
	}
}

// FuzzDetect: any series gives finite numbers within their bounds.
func FuzzDetect(f *testing.F) {
	f.Add(uint64(1), int64(100), int64(30), 0.3)
	f.Add(uint64(2), int64(1)<<50, int64(1)<<50, 0.0)
	f.Add(uint64(3), int64(1), int64(0), 1.0)
	f.Add(uint64(0), int64(1125899906842676), int64(1125899906842641), 91.0) // so many of them convert that a float rounds the rate to 1
	f.Fuzz(func(t *testing.T, seed uint64, entered, converted int64, share float64) {
		random := rand.New(rand.NewPCG(seed, 0))
		var days []Day
		for range 60 {
			d := Day{}
			if entered > 0 && random.IntN(10) > 0 {
				d.Entered = random.Int64N(entered)
				d.Converted = int64(float64(d.Entered) * min(1, max(0, share*random.Float64()*2)))
			}
			days = append(days, d)
		}
		days = append(days, Day{entered, converted})
		e, ok := Detect(days, Rule{})
		if !ok {
			return
		}
		for _, v := range []float64{e.Observed, e.Expected, e.Range.Low, e.Range.High, e.P, e.Correlation} {
			require.True(t, v >= 0 && v <= 1, "%+v", e)
		}
		require.LessOrEqual(t, e.Range.Low, e.Range.High)
	})
}
