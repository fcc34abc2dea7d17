// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

func drawCreditTable(t *rapid.T, models ...Model) Table {
	return Table{
		Touch: []journey.Match{{Event: "Touch"}, {Event: "Both"}}, Conversion: []journey.Match{{Event: "Buy"}, {Event: "Both"}}, Key: "channel",
		Model:    rapid.SampledFrom(models).Draw(t, "model"),
		HalfLife: time.Duration(rapid.IntRange(1, 30).Draw(t, "halfLife")) * time.Second,
		Session:  rapid.Bool().Draw(t, "session"),
		Window:   time.Duration(rapid.IntRange(0, 30).Draw(t, "window")) * time.Second,
		Currency: rapid.SampledFrom([]string{"", "EUR"}).Draw(t, "currency"),
	}
}

func drawTouchRows(t *rapid.T) []journey.Row {
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) journey.Row {
		r := journeytest.Did(rapid.Uint64Range(1, 3).Draw(t, "person"), rapid.Int64Range(0, 60).Draw(t, "time"), rapid.SampledFrom([]string{"Touch", "Touch", "Touch", "Buy", "Both", money.RefundEvent}).Draw(t, "name"))
		r.Channel = rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "channel")
		r.SessionID = rapid.SampledFrom([]string{"", "s", "t"}).Draw(t, "session")
		r.OrderID = rapid.SampledFrom([]string{"", "", "", "o1"}).Draw(t, "order")
		r.Currency = rapid.SampledFrom([]string{"EUR", "EUR", "USD", ""}).Draw(t, "currency")
		r.Source = rapid.SampledFrom([]string{"shop", "shop", "crm", "page"}).Draw(t, "source")
		r.Amount = rapid.Int64Range(0, 1000).Draw(t, "amount")
		r.ReceivedAt += rapid.Int64Range(0, 20).Draw(t, "delay") * journeytest.Second
		return r
	}), 0, 40).Draw(t, "rows")
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	return rows
}

func creditPlan(c Table) engine.Plan {
	plan := engine.Plan{Map: journeytest.TwoStages(), Policy: journeytest.Plain, Tables: []metric.Named{{Name: "credit", Metric: c}}}
	plan.PublicSources = []string{"page"}
	plan.Periods = []journey.Period{journey.Range(20*journeytest.Second, 50*journeytest.Second, 1000*journeytest.Second, journeytest.Plain)}
	return plan
}

func creditsOf(e *engine.Engine) *Sums {
	return e.Evaluations()[0].Tables[0].(*Sums)
}

// refShares returns the exact share of each touch, according to the table of models in the docs.
func refShares(c Table, times []int64) []*big.Rat {
	n := len(times)
	out := make([]*big.Rat, n)
	for i := range out {
		out[i] = new(big.Rat)
	}
	three := func(first, last int64) {
		switch n {
		case 1:
			out[0].SetInt64(1)
		default:
			out[0].SetFrac64(first, 100)
			out[n-1].SetFrac64(last, 100)
			for i := 1; i < n-1; i++ {
				out[i].SetFrac64(20, 100*int64(n-2))
			}
		}
	}
	switch c.Model {
	case FirstTouch:
		out[0].SetInt64(1)
	case LastTouch, SameTouch:
		out[n-1].SetInt64(1)
	case Linear:
		for i := range out {
			out[i].SetFrac64(1, int64(n))
		}
	case UShaped:
		three(40, 40)
		if n == 2 {
			three(50, 50)
		}
	case JShaped:
		three(20, 60)
		if n == 2 {
			three(25, 75)
		}
	case InverseJ:
		three(60, 20)
		if n == 2 {
			three(75, 25)
		}
	case TimeDecay:
		sum := 0.0
		weight := func(i int) float64 {
			return math.Pow(0.5, float64(times[n-1]-times[i])/float64(c.HalfLife.Microseconds()))
		}
		for i := range out {
			sum += weight(i)
		}
		for i := range out {
			out[i].SetFloat64(weight(i) / sum)
		}
	}
	return out
}

// refTouches returns the touches that a conversion can be credited to.
func refTouches(c Table, rows []journey.Row, at int) (channels []string, times []int64) {
	conversion := rows[at]
	for i, r := range rows[:at+1] {
		isTouch := (r.Name == "Touch" || r.Name == "Both") && r.Channel != ""
		inSession := !c.Session || r.SessionID != "" && r.SessionID == conversion.SessionID
		inWindow := c.Window == 0 || r.Time >= conversion.Time-c.Window.Microseconds()
		if isTouch && inSession && inWindow && (c.Model != SameTouch || i == at) {
			channels, times = append(channels, r.Channel), append(times, r.Time)
		}
	}
	return channels, times
}

// refWorth returns an amount minus the refunds of the same order by the same source in the analysed time.
func refWorth(c Table, rows []journey.Row, r journey.Row) int64 {
	left := r.Amount
	for _, o := range rows {
		if refInTime(o) && o.Name == money.RefundEvent && o.Currency == c.Currency && r.OrderID != "" && o.OrderID == r.OrderID && o.Source == r.Source {
			left = max(0, left-o.Amount)
		}
	}
	return left
}

// refInTime reports whether a row is in the analysed time.
func refInTime(r journey.Row) bool {
	return r.Time >= 20*journeytest.Second && r.Time < 50*journeytest.Second
}

// refOverruled reports whether another row is the authoritative report of the same order. A report in the analysed time ranks before others.
func refOverruled(c Table, r journey.Row, rows []journey.Row) bool {
	amount := func(r *journey.Row) (int64, bool) {
		if c.Currency == "" {
			return event.MicroUnits, true
		}
		return r.Amount, r.Currency == c.Currency
	}
	return r.OrderID != "" && slices.ContainsFunc(rows, func(o journey.Row) bool {
		if (o.Name != "Buy" && o.Name != "Both") || o.OrderID != r.OrderID {
			return false
		}
		if refInTime(o) != refInTime(r) {
			return refInTime(o)
		}
		return journeytest.Counts(&o, &r, amount)
	})
}

// refConversions returns the conversions of a person that count, with their value, and the number of those that cannot be used.
func refConversions(c Table, rows []journey.Row) (list []int, worth []int64, leftOut int64) {
	for i, r := range rows {
		if r.Name == "Touch" || r.Name == money.RefundEvent || refOverruled(c, r, rows) {
			continue
		}
		switch in := refInTime(r); {
		case !in:
		case c.Currency == "":
			list, worth = append(list, i), append(worth, event.MicroUnits)
		case r.Currency != c.Currency:
			leftOut++
		default:
			list, worth = append(list, i), append(worth, refWorth(c, rows, r))
		}
	}
	return list, worth, leftOut
}

func TestCreditsAgreeWithTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCreditTable(t, FirstTouch, LastTouch, Linear, UShaped, JShaped, InverseJ, TimeDecay, Participation, SameTouch)
		rows := journeytest.InOrder(drawTouchRows(t))
		want, roundings, counts := map[string]*big.Rat{}, map[string]int64{}, map[string]int64{}
		var total, unattributed, conversions, leftOut int64
		plan := creditPlan(c)
		since := plan.Since() // earlier events are not read
		for person := range uint64(4) {
			var own []journey.Row
			for _, r := range rows {
				if r.Person == person && r.Time >= since {
					own = append(own, r)
				}
			}
			list, worth, out := refConversions(c, own)
			leftOut += out
			for k, at := range list {
				conversions++
				total += worth[k]
				channels, times := refTouches(c, own, at)
				if len(channels) == 0 {
					unattributed += worth[k]
					continue
				}
				shares := refShares(c, times)
				seen := map[string]bool{}
				for i, channel := range channels {
					if want[channel] == nil {
						want[channel] = new(big.Rat)
					}
					part := shares[i]
					if c.Model == Participation && !seen[channel] {
						part = big.NewRat(1, 1)
					}
					want[channel].Add(want[channel], new(big.Rat).Mul(part, big.NewRat(worth[k], 1)))
					roundings[channel]++
					if !seen[channel] {
						counts[channel]++
					}
					seen[channel] = true
				}
			}
		}
		s := creditsOf(journeytest.Run(t, plan, rows))
		require.Equal(t, []int64{conversions, leftOut}, []int64{s.Conversions, s.LeftOut})
		require.Equal(t, fmt.Sprint(total, unattributed), fmt.Sprint(s.Value.Big(), s.UnattributedValue.Big()))
		require.Len(t, s.Credits(), len(want))
		sum := big.NewInt(unattributed)
		for _, credit := range s.Credits() {
			off := new(big.Rat).Sub(want[credit.Name], new(big.Rat).SetInt(credit.Micros))
			require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(roundings[credit.Name], 1)), 0, "%s: a micro-unit for each touch", credit.Name)
			require.Equal(t, counts[credit.Name], credit.Conversions)
			sum.Add(sum, credit.Micros)
		}
		if c.Model != Participation {
			require.Equal(t, fmt.Sprint(total), sum.String(), "nothing is lost to rounding")
		}
	})
}

func TestCreditsDoNotDependOnTheSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCreditTable(t, Linear, TimeDecay, Participation, Markov, Shapley)
		rows := drawTouchRows(t)
		whole := journeytest.Run(t, creditPlan(c), rows)
		var parts [2][]journey.Row
		for _, r := range rows {
			parts[r.Person%2] = append(parts[r.Person%2], r)
		}
		merged := journeytest.Run(t, creditPlan(c), parts[0])
		merged.Merge(journeytest.Run(t, creditPlan(c), parts[1]))
		require.Equal(t, creditsOf(whole).Grid(), creditsOf(merged).Grid())
		attributed := new(big.Int).Sub(creditsOf(whole).Value.Big(), creditsOf(whole).UnattributedValue.Big())
		for _, credit := range creditsOf(whole).Credits() {
			attributed.Sub(attributed, credit.Micros)
		}
		require.True(t, c.Model == Participation || attributed.Sign() == 0, "the credits of all paths sum to what was attributed")
	})
}

// The sum of the credits and of conversions without a touch is the revenue of the orders, in every model and with refunds.
func TestCreditsAddUpToRevenue(t *testing.T) {
	row := func(at int64, name, source, order string, amount int64) journey.Row {
		r := journeytest.Did(1, at, name)
		r.Seq, r.Channel, r.Source, r.OrderID, r.Amount, r.Currency = at, "mail", source, order, amount*event.MicroUnits, "EUR"
		return r
	}
	rows := []journey.Row{
		row(21, "Touch", "shop", "", 0), row(22, "Buy", "shop", "a", 50), row(23, money.RefundEvent, "shop", "a", 20), row(24, money.RefundEvent, "crm", "a", 5),
		row(25, "Buy", "shop", "b", 30), row(26, money.RefundEvent, "shop", "b", 40), row(27, "Buy", "shop", "", 10), row(60, money.RefundEvent, "shop", "a", 10),
	}
	for _, model := range []Model{Linear, Participation, Markov, Shapley} {
		c := Table{Touch: []journey.Match{{Event: "Touch"}}, Conversion: []journey.Match{{Event: "Buy"}}, Key: "channel", Model: model, Currency: "EUR"}
		s := creditsOf(journeytest.Run(t, creditPlan(c), rows))
		require.Equal(t, "40000000", s.Value.Big().String(), "50 less 20, 30 less all of it, and 10; other sources and later refunds take nothing off")
		require.EqualValues(t, 3, s.Conversions)
		c.Currency = ""
		s = creditsOf(journeytest.Run(t, creditPlan(c), rows))
		require.Equal(t, "3000000", s.Value.Big().String(), "a refunded order is a conversion all the same")
	}
}

// Anybody with the write key of a page can send a large order with the next order number, and a till can report an order before the shop reports its
// amount. The authoritative report counts.
func TestCreditOfAuthoritativeOrders(t *testing.T) {
	row := func(at int64, name, source string, amount int64) journey.Row {
		r := journeytest.Did(1, at, name)
		r.Seq, r.Channel, r.Source, r.Amount = at, source, source, amount*event.MicroUnits
		if name == "Buy" {
			r.OrderID = "1001"
		}
		if amount > 0 {
			r.Currency = "EUR"
		}
		return r
	}
	rows := []journey.Row{
		row(21, "Touch", "mail", 0), row(22, "Buy", "page", 9000), row(23, "Buy", "till", 0), row(24, "Touch", "chat", 0), row(25, "Buy", "shop", 40), row(26, "Buy", "crm", 50),
	}
	for _, model := range []Model{LastTouch, Markov} {
		c := Table{Touch: []journey.Match{{Event: "Touch"}}, Conversion: []journey.Match{{Event: "Buy"}}, Key: "channel", Model: model, Currency: "EUR"}
		s := creditsOf(journeytest.Run(t, creditPlan(c), rows))
		require.Equal(t, "40000000", s.Value.Big().String(), "the first with an amount that not anybody can have sent")
		require.EqualValues(t, 1, s.Conversions)
		require.Zero(t, s.LeftOut)
		require.Equal(t, "chat", s.Credits()[0].Name, "what came before that report")
	}
}

// The credits do not change when all times move by the same amount.
func TestCreditsMoveWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCreditTable(t, FirstTouch, LastTouch, Linear, UShaped, JShaped, InverseJ, TimeDecay, Participation, SameTouch, Markov, Shapley)
		journeytest.RequireShift(t, creditPlan(c), drawTouchRows(t), journeytest.DrawShift(t))
	})
}

// Calculated by hand: b leads to no conversion, so the chain gives all credit to a.
func TestChainWithPathsToNull(t *testing.T) {
	click := func(person uint64, at int64, channel string) journey.Row {
		r := journeytest.Did(person, at, "Touch")
		r.Channel = channel
		return r
	}
	rows := []journey.Row{
		click(1, 21, "a"), journeytest.Did(1, 22, "Buy"), click(2, 21, "b"), click(3, 21, "a"), click(3, 22, "b"), journeytest.Did(3, 23, "Buy"), click(3, 24, "a"), journeytest.Did(4, 30, "Buy"),
	}
	c := Table{Touch: []journey.Match{{Event: "Touch"}}, Conversion: []journey.Match{{Event: "Buy"}}, Key: "channel", Model: Markov}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	s := creditsOf(journeytest.Run(t, creditPlan(c), rows))
	// Paths: a+, b-, a b+, a-, and one conversion without a touch. From the start: 3/4 to a, 1/4 to b. From a: 1/3 each to b, conversion and null. From
	// b: 1/2 to conversion. P = 3/4·(1/3+1/3·1/2) + 1/4·1/2 = 1/2. Without a, 1/8 remains; without b, 1/4. Effects: 3/4 and 1/2.
	require.EqualValues(t, 1, s.Unattributed)
	list := s.Credits()
	require.Equal(t, []string{"a", "b"}, []string{list[0].Name, list[1].Name})
	require.InDelta(t, 0.75, list[0].Effect, 1e-9)
	require.InDelta(t, 0.5, list[1].Effect, 1e-9)
	require.Equal(t, []int64{1_200_000, 800_000}, []int64{list[0].Micros.Int64(), list[1].Micros.Int64()})
	require.Equal(t, []metric.GridRow{
		{Values: []string{"a", "1.2000", "0.4000", "2", "0.7500"}}, {Values: []string{"b", "0.8000", "0.2667", "1", "0.5000"}},
		{Values: []string{NoTouch, "1.0000", "0.3333", "1", ""}},
	}, s.Grid().Rows)
}

func TestCreditOfTouchpoints(t *testing.T) {
	rows := []journey.Row{journeytest.Did(1, 21, "See"), journeytest.Did(1, 22, "Other"), journeytest.Did(1, 23, "Buy")}
	for i := range rows {
		rows[i].Seq = int64(i + 1)
	}
	c := Table{Touch: []journey.Match{{}}, Conversion: []journey.Match{{Event: "Buy"}}, Model: Linear}
	list := creditsOf(journeytest.Run(t, creditPlan(c), rows)).Credits()
	require.Equal(t, []string{"buy/buy", "see/see"}, []string{list[0].Name, list[1].Name}, "the converting event makes a touchpoint too")
}

func TestApportionSumsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Int64Range(0, math.MaxInt64).Draw(t, "value")
		weights := rapid.SliceOfN(rapid.Uint64Range(0, 1<<50), 1, 20).Filter(func(w []uint64) bool { return slices.Max(w) > 0 }).Draw(t, "weights")
		total := new(big.Int)
		for _, w := range weights {
			total.Add(total, new(big.Int).SetUint64(w))
		}
		left := value
		for i, part := range apportion(value, weights, nil) {
			exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(value), new(big.Int).SetUint64(weights[i])), total)
			off := exact.Sub(exact, new(big.Rat).SetInt64(part))
			require.Negative(t, off.Abs(off).Cmp(big.NewRat(1, 1)))
			left -= part
		}
		require.Zero(t, left)
	})
}

func TestInvalidAttributionIsRefused(t *testing.T) {
	for want, c := range map[string]Table{
		`spec.tables[0].attribution.key: there is no key "colour"`:    {Key: "colour", Model: Linear},
		`spec.tables[0].attribution.model: there is no model "Magic"`: {Model: "Magic"},
		"spec.tables[0].attribution.halfLife: must be positive":       {Model: TimeDecay},
	} {
		_, err := engine.New(creditPlan(c))
		require.EqualError(t, err, want)
	}
}
