// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package clv

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"
)

// simulate simulates customers of a known model for a number of ticks, and returns also what they do afterwards.
func simulate(m Purchases, s Spending, customers int, seed uint64, age, ahead float64) (c *Customers, later int64) {
	random := rand.New(rand.NewPCG(seed, 1))
	rates := distuv.Gamma{Alpha: m.R, Beta: m.Alpha, Src: random}
	leaving := distuv.Beta{Alpha: m.A, Beta: m.B, Src: random}
	scales := distuv.Gamma{Alpha: s.Q, Beta: s.Gamma, Src: random}
	c = New()
	for range customers {
		rate, leave := rates.Rand(), leaving.Rand()
		value := distuv.Gamma{Alpha: s.P, Beta: scales.Rand(), Src: random}
		h := History{Age: int64(age)}
		var total, now float64
		for now += random.ExpFloat64() / rate; now < age+ahead; now += random.ExpFloat64() / rate {
			if now < age {
				h.Repeat++
				h.Last = int64(now)
				total += value.Rand()
			} else {
				later++
			}
			if random.Float64() < leave {
				break
			}
		}
		if err := c.Add(h, int64(total*microUnits)); err != nil {
			panic(err)
		}
	}
	return c, later
}

// Estimates the parameters of simulated customers.
func TestRecovery(t *testing.T) {
	truth := Purchases{R: 0.8, Alpha: 60, A: 0.6, B: 2.5, Unit: 1}
	spending := Spending{P: 5, Q: 4, Gamma: 20}
	c, later := simulate(truth, spending, 30_000, 7, 400, 200)
	fit, err := FitPurchases(c, 1)
	require.NoError(t, err)
	for i, pair := range [][2]float64{{truth.R, fit.R}, {truth.Alpha, fit.Alpha}, {truth.A, fit.A}, {truth.B, fit.B}} {
		require.InDelta(t, pair[0], pair[1], 3*fit.Errors[i], "%+v", fit)
		require.Less(t, fit.Errors[i], 0.15*pair[0])
	}
	value, err := FitSpending(c)
	require.NoError(t, err)
	for i, pair := range [][2]float64{{spending.P, value.P}, {spending.Q, value.Q}, {spending.Gamma, value.Gamma}} {
		require.InDelta(t, pair[0], pair[1], 3*value.Errors[i], "%+v", value)
	}
	model := Model{fit.Purchases, value.Spending}
	forecast, ok := model.Forecast(c, Horizon{Periods: 4, Length: 50, Discount: 0})
	require.True(t, ok)
	require.InEpsilon(t, float64(later), forecast.Purchases, 0.03)
	mean, _ := value.Mean()
	require.InEpsilon(t, 5.0*20/3, mean, 0.05)
	discounted, _ := model.Forecast(c, Horizon{Periods: 4, Length: 50, Discount: 0.1})
	require.Less(t, discounted.Value, forecast.Value)
	require.Greater(t, discounted.Value, forecast.Value/math.Pow(1.1, 4))
}

// Compares the sum over cells with that over customers.
func TestForecastIsTheSumOfCustomers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := Model{drawPurchases(t, 0.1, 10), Spending{P: 6, Q: 3.5, Gamma: 15}}
		over := Horizon{Periods: rapid.IntRange(1, 5).Draw(t, "periods"), Length: 4, Discount: rapid.Float64Range(0, 0.2).Draw(t, "rate")}
		c := New()
		var alive, value, purchases float64
		n := rapid.IntRange(1, 30).Draw(t, "n")
		for range n {
			h := drawHistory(t)
			total := rapid.Int64Range(-5e6, 1e9).Draw(t, "total")
			require.NoError(t, c.Add(h, total))
			v, ok := model.Value(h, total, over)
			require.True(t, ok)
			value += v
			alive += model.Alive(h)
			purchases += model.Purchases.Expected(h, over.Length*float64(over.Periods))
		}
		f, ok := model.Forecast(c, over)
		require.True(t, ok)
		require.True(t, f.Valued)
		require.EqualValues(t, n, f.Customers)
		require.InEpsilon(t, alive, f.Alive, 1e-9)
		require.InEpsilon(t, purchases, f.Purchases, 1e-9)
		require.InEpsilon(t, value, f.Value, 1e-9)
	})
}

func drawHistory(t *rapid.T) History {
	h := History{Repeat: rapid.Int64Range(0, 6).Draw(t, "x"), Age: rapid.Int64Range(0, 300).Draw(t, "age")}
	if h.Repeat > 0 {
		h.Last = rapid.Int64Range(0, h.Age).Draw(t, "last")
	}
	return h
}

// Shards give exactly the same estimate, also with a coarser grid.
func TestShardsMergeToTheSameEstimate(t *testing.T) {
	for _, limit := range []int{MaxCells, 60} {
		whole, left, right := newCustomers(limit), newCustomers(limit), newCustomers(limit)
		random := rand.New(rand.NewPCG(3, 3))
		for range 2000 {
			h := History{Repeat: random.Int64N(4), Age: 50 + random.Int64N(300)}
			if h.Repeat > 0 {
				h.Last = random.Int64N(h.Age)
			}
			total := random.Int64N(1e9)
			shard := left
			if random.IntN(3) == 0 {
				shard = right
			}
			require.NoError(t, whole.Add(h, total))
			require.NoError(t, shard.Add(h, total))
		}
		right.Merge(left)
		require.Equal(t, limit == MaxCells, whole.Exact())
		a, err := FitPurchases(whole, 7)
		require.NoError(t, err)
		b, err := FitPurchases(right, 7)
		require.NoError(t, err)
		require.Equal(t, a, b)
		c, err := FitSpending(whole)
		require.NoError(t, err)
		d, err := FitSpending(right)
		require.NoError(t, err)
		require.Equal(t, c, d)
	}
}

// The predictions are the same in weeks and in days.
func TestUnitOfTime(t *testing.T) {
	c, _ := simulate(someModels[0], Spending{5, 4, 20}, 3000, 1, 300, 0)
	days, err := FitPurchases(c, 1)
	require.NoError(t, err)
	weeks, err := FitPurchases(c, 7)
	require.NoError(t, err)
	require.InEpsilon(t, days.Alpha, 7*weeks.Alpha, 1e-9)
	h := History{3, 100, 200}
	require.InEpsilon(t, days.Expected(h, 70), weeks.Expected(h, 10), 1e-9)
	require.InEpsilon(t, days.Alive(h), weeks.Alive(h), 1e-9)
}

// An error says if the likelihood has no maximum, or if there are too few data.
func TestEdges(t *testing.T) {
	c := New()
	for i := range int64(100) {
		require.NoError(t, c.Add(History{Age: i}, 0))
	}
	_, err := FitPurchases(c, 1)
	require.ErrorIs(t, err, ErrTooFew)
	_, err = FitSpending(c)
	require.ErrorIs(t, err, ErrTooFew)
	for range 100 { // regular purchases until the end, all at the same price: nobody leaves, and nobody differs
		require.NoError(t, c.Add(History{10, 100, 100}, 10*5e6))
	}
	_, err = FitPurchases(c, 0)
	require.ErrorIs(t, err, ErrTooFew)
	fit, err := FitPurchases(c, 1)
	if err == nil {
		require.True(t, fit.AtEdge, "%+v", fit)
		require.Greater(t, fit.Alive(History{10, 100, 100}), 0.9)
	} else {
		require.ErrorIs(t, err, ErrNoMaximum)
	}
	value, err := FitSpending(c)
	if err == nil {
		require.True(t, value.AtEdge, "%+v", value)
	} else {
		require.ErrorIs(t, err, ErrNoMaximum)
	}
	for _, h := range []History{{-1, 0, 0}, {0, 1, 2}, {1, 3, 2}, {1, -1, 2}, {1, 1, MaxAge + 1}} {
		require.ErrorIs(t, c.Add(h, 1), ErrHistory)
	}
	_, ok := Spending{P: 1, Q: 0.5, Gamma: 1}.Mean()
	require.False(t, ok)
	_, ok = Model{someModels[0], Spending{5, 4, 20}}.Value(History{}, 0, Horizon{Periods: 1, Length: math.NaN()})
	require.False(t, ok)
}

// FuzzPredictions: for all valid models and histories, predictions are finite and within their bounds.
func FuzzPredictions(f *testing.F) {
	f.Add(0.243, 4.41, 0.793, 2.43, 6.25, 3.74, 15.44, int64(2), int64(213), int64(272), int64(44_700_000), 52.0)
	f.Add(1e-4, 1e4, 1e4, 1e-4, 1e-4, 1e-4, 1e4, int64(50_000), int64(0), int64(1<<40), int64(math.MaxInt64), 1.0)
	f.Add(1e4, 1e-4, 1.0, 1.0, 1e4, 1e4, 1e-4, int64(0), int64(0), int64(0), int64(0), 1e-4)
	f.Fuzz(func(t *testing.T, r, alpha, a, b, p, q, gamma float64, x, last, age, total int64, ahead float64) {
		for _, v := range []float64{r, alpha, a, b, p, q, gamma, ahead} {
			if !(v >= 1e-5 && v <= 1e5) {
				t.Skip("no legal parameter")
			}
		}
		if x < 0 || x > MaxRepeat || age < 0 || age > MaxAge || last < 0 || last > age || x == 0 && last != 0 || ahead > 100*(alpha+float64(age)) {
			t.Skip("no legal history, or a horizon out of all proportion")
		}
		m := Model{Purchases{R: r, Alpha: alpha, A: a, B: b, Unit: 1}, Spending{P: p, Q: q, Gamma: gamma}}
		h := History{x, last, age}
		alive := m.Alive(h)
		require.True(t, alive >= 0 && alive <= 1, alive)
		n := m.Purchases.Expected(h, ahead)
		// The maximum is the number of purchases if nobody leaves.
		ceiling := (r + float64(x)) * ahead / (alpha + float64(age))
		require.True(t, n >= 0 && n <= ceiling*(1+1e-9), "%v of %v", n, ceiling)
		v, ok := m.Value(h, total, Horizon{Periods: 3, Length: ahead / 3, Discount: 0.01})
		require.False(t, math.IsNaN(v) || math.IsInf(v, 0) || ok && v < 0, v)
	})
}

// FuzzFit: any customers give an estimate with finite numbers, or an error that gives the reason.
func FuzzFit(f *testing.F) {
	f.Add(uint64(1), int64(100), int64(30), int64(5), int64(1_000_000))
	f.Add(uint64(2), int64(1), int64(1), int64(1), int64(1))
	f.Add(uint64(3), int64(MaxAge), int64(MaxAge), int64(MaxRepeat), int64(math.MaxInt64))
	f.Add(uint64(4), int64(10), int64(1), int64(MaxRepeat), int64(1)<<60)
	f.Fuzz(func(t *testing.T, seed uint64, age, spread, repeats, money int64) {
		if age < 0 || age > MaxAge || spread < 1 || spread > MaxAge || repeats < 1 || money < 1 {
			t.Skip("no legal customers")
		}
		random := rand.New(rand.NewPCG(seed, 0))
		c := New()
		for range 40 {
			h := History{Repeat: random.Int64N(repeats), Age: min(MaxAge, age+random.Int64N(spread))}
			if h.Repeat > 0 {
				h.Last = random.Int64N(h.Age + 1)
			}
			require.NoError(t, c.Add(h, random.Int64N(money)))
		}
		finite := func(list ...float64) {
			for _, v := range list {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0), list)
			}
		}
		fit, err := FitPurchases(c, 7)
		if err != nil {
			require.True(t, errors.Is(err, ErrTooFew) || errors.Is(err, ErrNoMaximum))
			return
		}
		finite(fit.R, fit.Alpha, fit.A, fit.B, fit.LogLikelihood)
		finite(fit.Errors...)
		spending, err := FitSpending(c)
		if err != nil {
			require.True(t, errors.Is(err, ErrTooFew) || errors.Is(err, ErrNoMaximum))
			return
		}
		finite(spending.P, spending.Q, spending.Gamma, spending.LogLikelihood, spending.Correlation)
		finite(spending.Errors...)
		forecast, ok := Model{fit.Purchases, spending.Spending}.Forecast(c, Horizon{Periods: 4, Length: max(0.001, float64(age)/28), Discount: 0.01})
		require.True(t, ok)
		finite(forecast.Alive, forecast.Purchases, forecast.Value)
	})
}
