// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/stats/clv"
)

// refHistory is a customer of a LifetimeValue: the number of orders after the first one, the days from the first order to the last one and to the
// end, and their total value.
type refHistory struct{ repeat, last, age, total int64 }

// refHistories returns the customers.
func refHistories(byPerson [][]journey.Row, until int64, apart bool) (all []refHistory, leftOut int64) {
	for _, own := range byPerson {
		list, out := refOrders(own, until)
		leftOut += out
		if !apart {
			list = refDays(list)
		}
		if len(list) == 0 {
			continue
		}
		first, end := list[0].time, time.UnixMicro(until-1).In(journeytest.Berlin)
		h := refHistory{repeat: int64(len(list) - 1), last: refDaysBetween(first, list[len(list)-1].time), age: refDaysBetween(first, end)}
		valued := int64(0)
		for _, o := range list[1:] {
			h.total += o.amount
			if o.valued {
				valued++
			}
		}
		if valued > 0 {
			h.total = h.total * h.repeat / valued // orders without an amount have the mean value of the others
		}
		all = append(all, h)
	}
	return all, leftOut
}

// Two models predict the same with many different parameters only if the customers are the same.
func TestHistoriesAgreeWithTheReference(t *testing.T) {
	models := []clv.Model{
		{Purchases: clv.Purchases{R: 0.3, Alpha: 4, A: 0.8, B: 2.5, Unit: daysPerWeek}, Spending: clv.Spending{P: 6, Q: 4, Gamma: 15}},
		{Purchases: clv.Purchases{R: 2, Alpha: 1, A: 1.5, B: 1, Unit: daysPerWeek}, Spending: clv.Spending{P: 0.7, Q: 2, Gamma: 3}},
	}
	over := clv.Horizon{Periods: 3, Length: 4, Discount: 0.01}
	rapid.Check(t, func(t *rapid.T) {
		rows, byPerson := drawOrders(t)
		from, to, asOf, until := drawUntil(t)
		table := LifetimeValue{Orders: refOrderTable, Apart: rapid.Bool().Draw(t, "apart"), Months: 12}
		plan := journeytest.TablePlan(table, from, to, asOf)
		plan.PublicSources = []string{"page"}
		s := journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].(*LifetimeValueSums)
		want, leftOut := refHistories(byPerson, until, table.Apart)
		repeaters := int64(0)
		for _, h := range want {
			repeaters += min(1, h.repeat)
		}
		g := s.Grid()
		require.Equal(t, []int64{int64(len(want)), leftOut}, []int64{g.Samples, g.LeftOut})
		require.Equal(t, []string{strconv.FormatInt(int64(len(want)), 10), strconv.FormatInt(repeaters, 10)}, []string{g.Rows[0].Values[1], g.Rows[1].Values[1]})
		for _, m := range models {
			f, ok := m.Forecast(s.Customers, over)
			require.True(t, ok)
			var alive, value float64
			for _, h := range want {
				history := clv.History{Repeat: h.repeat, Last: h.last, Age: h.age}
				one, ok := m.Value(history, h.total, over)
				require.True(t, ok)
				alive, value = alive+m.Alive(history), value+one
			}
			require.InDelta(t, alive, f.Alive, 1e-9*max(1, alive))
			require.InDelta(t, value, f.Value, 1e-9*max(1, value))
		}
		requireSplit(t, plan, rows, g)
	})
}

func logGamma(x float64) float64 { v, _ := math.Lgamma(x); return v }

// refPurchases computes the log-likelihood of the BG/NBD model by customer: equation 6 of Fader, Hardie and Lee (2005), with gamma functions.
func refPurchases(all []refHistory, r, alpha, a, b float64) (sum float64) {
	beta := func(a, b float64) float64 { return logGamma(a) + logGamma(b) - logGamma(a+b) }
	for _, h := range all {
		x, last, age := float64(h.repeat), float64(h.last)/7, float64(h.age)/7
		stayed := math.Exp(beta(a, b+x)-beta(a, b)) * math.Pow(alpha+age, -(r+x))
		if x > 0 {
			stayed += math.Exp(beta(a+1, b+x-1)-beta(a, b)) * math.Pow(alpha+last, -(r+x))
		}
		sum += logGamma(r+x) - logGamma(r) + r*math.Log(alpha) + math.Log(stayed)
	}
	return sum
}

// refSpending computes the log-likelihood of the gamma-gamma model: equation 1a of Fader and Hardie (2013), with money in units.
func refSpending(all []refHistory, p, q, gamma float64) (sum float64) {
	for _, h := range all {
		if h.repeat == 0 || h.total == 0 {
			continue
		}
		x, mean := float64(h.repeat), float64(h.total)/float64(h.repeat)/1e6
		sum += logGamma(p*x+q) - logGamma(p*x) - logGamma(q) + q*math.Log(gamma) + (p*x-1)*math.Log(mean) + p*x*math.Log(x) - (p*x+q)*math.Log(gamma+x*mean)
	}
	return sum
}

// simulatedBuyers returns customers who behave like the models, for 40 weeks since their first order. Their rates of ordering and of leaving differ,
// and so does their spending.
func simulatedBuyers(customers int) []journey.Row {
	random := rand.New(rand.NewPCG(3, 9))
	var rows []journey.Row
	for person := range customers {
		rate, leave, mean := 0.05+0.3*random.Float64(), 0.05+0.4*random.Float64(), 10+40*random.Float64()
		at := random.Float64() * 20 // weeks
		for n := 0; at < 40; n++ {
			micros := journeytest.Epoch + int64(at*7*float64(journeytest.Daily))
			rows = append(rows, journey.Row{
				Person: uint64(person), Time: micros, ReceivedAt: micros, Kind: event.Track, Name: "A", Source: "shop", Seq: int64(len(rows) + 1),
				Amount: int64(mean * (0.5 + random.Float64()) * 1e6), Currency: "EUR",
			})
			if n > 0 && random.Float64() < leave {
				break
			}
			at += random.ExpFloat64() / rate
		}
	}
	return rows
}

// The grid has the parameters and their likelihood. No parameters near them are more likely.
func TestEstimatesHaveTheMaximumLikelihood(t *testing.T) {
	rows := simulatedBuyers(600)
	until := journeytest.Epoch + 40*7*journeytest.Daily
	plan := journeytest.TablePlan(LifetimeValue{Orders: refOrderTable, Months: 12, Discount: 10_000}, journeytest.Epoch, until, until)
	s := journeytest.Run(t, plan, rows).Evaluations()[0].Tables[0].(*LifetimeValueSums)
	shown := map[string]float64{}
	for _, r := range s.Grid().Rows {
		value, err := strconv.ParseFloat(r.Values[1], 64)
		require.NoError(t, err, r.Values)
		shown[r.Values[0]] = value
	}
	byPerson := make([][]journey.Row, 600)
	for _, r := range rows {
		byPerson[r.Person] = append(byPerson[r.Person], r)
	}
	all, _ := refHistories(byPerson, until, false)
	require.EqualValues(t, len(all), shown["customers"])
	buying := func(p []float64) float64 { return refPurchases(all, p[0], p[1], p[2], p[3]) }
	spending := func(p []float64) float64 { return refSpending(all, p[0], p[1], p[2]) }
	require.InDelta(t, shown["logLikelihood"], buying([]float64{shown["r"], shown["alpha"], shown["a"], shown["b"]}), 0.0051)
	requireSummit(t, buying, shown["r"], shown["alpha"], shown["a"], shown["b"])
	requireSummit(t, spending, shown["p"], shown["q"], shown["gamma"])

	// the forecast by customer, from the parameters in the grid
	m := clv.Model{
		Purchases: clv.Purchases{R: shown["r"], Alpha: shown["alpha"], A: shown["a"], B: shown["b"], Unit: daysPerWeek},
		Spending:  clv.Spending{P: shown["p"], Q: shown["q"], Gamma: shown["gamma"]},
	}
	var active, orders, value float64
	for _, h := range all {
		history := clv.History{Repeat: h.repeat, Last: h.last, Age: h.age}
		active, orders = active+m.Alive(history), orders+m.Purchases.Expected(history, 12*weeksPerMonth)
		for month := 1; month <= 12; month++ {
			more := m.Purchases.Expected(history, float64(month)*weeksPerMonth) - m.Purchases.Expected(history, float64(month-1)*weeksPerMonth)
			// The expected value of an order is between the customer's own mean and that of all customers.
			x := float64(h.repeat)
			each := (shown["gamma"] + float64(h.total)/1e6) * shown["p"] / (shown["p"]*x + shown["q"] - 1)
			value += more * each / math.Pow(1.01, float64(month))
		}
	}
	require.InDelta(t, active, shown["active"], 0.06)
	require.InDelta(t, orders, shown["orders"], 0.06)
	require.InEpsilon(t, value, shown["value"], 1e-5)
	require.InEpsilon(t, value/float64(len(all)), shown["valuePerCustomer"], 1e-3)
}

// requireSummit evaluates points around parameters in the directions of all axes and pairs of axes, near and far.
func requireSummit(t *testing.T, f func(p []float64) float64, at ...float64) {
	top := f(at)
	for _, step := range []float64{0.01, 0.1, 0.5} {
		for i := range at {
			for k := range at {
				for _, sign := range []float64{1, -1} {
					p := append([]float64(nil), at...)
					p[i] *= math.Exp(step)
					p[k] *= math.Exp(sign * step)
					require.LessOrEqual(t, f(p), top+1e-4, "%v is likelier than %v", p, at)
					p = append([]float64(nil), at...)
					p[i] *= math.Exp(-step)
					p[k] *= math.Exp(sign * step)
					require.LessOrEqual(t, f(p), top+1e-4, "%v is likelier than %v", p, at)
				}
			}
		}
	}
}
