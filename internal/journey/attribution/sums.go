// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package attribution

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/stats"
)

// Sums are the credits of a Table.
type Sums struct {
	// Conversions that were shared, and their worth in micro-units.
	Conversions int64
	Value       stats.Total
	// Unattributed counts those without a touch, with their worth.
	Unattributed      int64
	UnattributedValue stats.Total
	// LeftOut is the number of conversions that could not be used, and of paths beyond MaxPaths.
	LeftOut int64
	// Without counts what has no amount that counts, or reduces nothing.
	Without money.LeftOut

	attribution Table
	texts       *journey.Texts
	credits     map[uint32]*creditSums
	paths       map[string]*pathCount // for models of all paths

	// of the current person
	touches  []touch
	segment  int // the first touch after the last conversion
	taken    []bool
	orders   *money.Book         // of the analysed time
	others   *money.Book         // of other times
	refunds  map[event.Key]int64 // by order and source
	eligible []touch
	weights  []uint64
	parts    []int64
	distinct []uint32
}

// creditSums are the credits of one value.
type creditSums struct {
	micros      stats.Total
	conversions int64 // with at least one touch of the value
}

// Credit is the credit of one value.
type Credit struct {
	// Name of the channel, touchpoint or value.
	Name string
	// Micros is the credit in micro-units, of money or of conversions.
	Micros *big.Int
	// Conversions with a touch of it.
	Conversions int64
	// Effect is the share of conversions that would be lost without it; only for a Markov chain.
	Effect float64
}

// AddPerson processes the touches and conversions in order. An event that is both is a touch before it is a conversion.
func (s *Sums) AddPerson(v *metric.View) {
	s.touches, s.segment, s.taken = s.touches[:0], 0, s.taken[:0]
	s.findOrders(v)
	s.findRefunds(v)
	for i := 0; i < len(v.Hits); {
		var byRole [roles]*metric.Hit
		first := &v.Hits[i]
		for ; i < len(v.Hits) && first.Same(&v.Hits[i]); i++ {
			byRole[v.Hits[i].Role] = &v.Hits[i]
		}
		if h := byRole[roleTouch]; h != nil && h.Usable {
			s.touches = append(s.touches, touch{value: h.Text, time: h.Time, session: h.Session, at: idOf(h)})
			s.taken = append(s.taken, false)
		}
		if h := byRole[roleConversion]; h != nil && s.decides(h) {
			s.conversion(v, h)
		}
	}
	if s.paths != nil {
		s.endInNothing(v)
	}
	s.countRefunds(v)
}

// countRefunds counts the refunds of the analysed time that reduce nothing.
func (s *Sums) countRefunds(v *metric.View) {
	for i := range v.Hits {
		switch h := &v.Hits[i]; {
		case h.Role != roleRefund || !v.InPeriod(h.Time):
		case !h.Usable || !h.HasOrder:
			s.Without.Refunds++
		default:
			if _, known := s.orders.Orders[h.Order]; !known {
				s.Without.Elsewhere++
			}
		}
	}
	for _, o := range s.orders.Orders {
		if o.Again {
			s.Without.Again++
		}
	}
}

// findOrders finds which report of an order is its conversion. As for the KPI revenue, it is one of the analysed time, if there is any.
func (s *Sums) findOrders(v *metric.View) {
	s.orders.Clear()
	s.others.Clear()
	for i := range v.Hits {
		switch h := &v.Hits[i]; {
		case h.Role != roleConversion || !h.HasOrder:
		case v.InPeriod(h.Time):
			s.orders.Add(h.Order, money.ReportOf(h))
		default:
			s.others.Add(h.Order, money.ReportOf(h))
		}
	}
}

// decides reports whether an event is the conversion of its order. The other reports of the order are not conversions.
func (s *Sums) decides(h *metric.Hit) bool {
	if !h.HasOrder {
		return true
	}
	if authority, ok := s.orders.Orders[h.Order]; ok {
		return authority.Of(h)
	}
	authority := s.others.Orders[h.Order]
	return authority.Of(h)
}

// findRefunds sums the refunds of the analysed time as the KPI revenue does: by the source that reported the order.
func (s *Sums) findRefunds(v *metric.View) {
	clear(s.refunds)
	for i := range v.Hits {
		h := &v.Hits[i]
		if h.Role != roleRefund || !h.Usable || !h.HasOrder || !v.InPeriod(h.Time) {
			continue
		}
		if s.refunds == nil {
			s.refunds = map[event.Key]int64{}
		}
		s.refunds[h.SourceOrder] = number.AddCapped(s.refunds[h.SourceOrder], h.Amount)
	}
}

// worth returns the amount of a conversion less its refunds, not below zero.
func (s *Sums) worth(h *metric.Hit) int64 {
	if !h.HasOrder {
		return h.Amount
	}
	return h.Amount - min(h.Amount, s.refunds[h.SourceOrder])
}

func (s *Sums) conversion(v *metric.View, h *metric.Hit) {
	counts := h.Usable && v.InPeriod(h.Time)
	if !h.Usable && v.InPeriod(h.Time) {
		s.LeftOut++
		s.Without.Order(h.Lack)
	}
	if s.paths != nil {
		s.endInConversion(v, h, counts)
		return
	}
	if counts {
		s.find(h, 0)
		s.share(s.worth(h))
	}
}

// find sets eligible to the touches, from an index on, that count for a conversion.
func (s *Sums) find(h *metric.Hit, from int) {
	a := &s.attribution
	s.eligible = s.eligible[:0]
	for i := from; i < len(s.touches); i++ {
		t := &s.touches[i]
		if reach := a.reach(); reach > 0 && t.time < h.Time-reach || a.Session && (t.session == 0 || t.session != h.Session) {
			continue
		}
		if a.Model == SameTouch && t.at != idOf(h) {
			continue
		}
		s.eligible = append(s.eligible, *t)
		s.taken[i] = true
	}
}

// share shares the value of a conversion among the touches in eligible.
func (s *Sums) share(value int64) {
	s.Conversions++
	s.Value.Add(value)
	if len(s.eligible) == 0 {
		s.Unattributed++
		s.UnattributedValue.Add(value)
		return
	}
	s.distinct = s.distinct[:0]
	for _, t := range s.eligible {
		if !slices.Contains(s.distinct, t.value) {
			s.distinct = append(s.distinct, t.value)
		}
	}
	for _, d := range s.distinct {
		s.credit(d).conversions++
	}
	if s.attribution.Model == Participation {
		for _, d := range s.distinct {
			s.credit(d).micros.Add(value)
		}
		return
	}
	s.weights = weightings[s.attribution.Model](&s.attribution, s.eligible, s.weights[:0])
	s.parts = apportion(value, s.weights, s.parts[:0])
	for i, part := range s.parts {
		s.credit(s.eligible[i].value).micros.Add(part)
	}
}

func (s *Sums) credit(value uint32) *creditSums {
	c := s.credits[value]
	if c == nil {
		c = &creditSums{}
		s.credits[value] = c
	}
	return c
}

// Merge adds the credits over other persons.
func (s *Sums) Merge(other metric.Sums) {
	o := other.(*Sums)
	s.Conversions += o.Conversions
	s.Value.Merge(o.Value)
	s.Unattributed += o.Unattributed
	s.UnattributedValue.Merge(o.UnattributedValue)
	s.LeftOut += o.LeftOut
	s.Without.Add(o.Without)
	for value, c := range o.credits {
		here := s.credit(s.texts.Number(o.texts.Text(value)))
		here.micros.Merge(c.micros)
		here.conversions += c.conversions
	}
	s.mergePaths(o)
}

// Credits returns the credits, the largest first, equal ones by name.
func (s *Sums) Credits() []Credit {
	var list []Credit
	if s.paths != nil {
		list = s.pathCredits()
	} else {
		for value, c := range s.credits {
			list = append(list, Credit{Name: s.texts.Text(value), Micros: c.micros.Big(), Conversions: c.conversions})
		}
	}
	slices.SortFunc(list, func(a, b Credit) int {
		return cmp.Or(b.Micros.Cmp(a.Micros), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// NoTouch is the value of conversions without a touch.
const NoTouch = "(none)"

// Grid has one row for each value, and one for the conversions without a touch.
func (s *Sums) Grid() metric.Grid {
	unit, digits := metric.UnitCount, number.RatioDigits
	if s.attribution.Currency != "" {
		unit, digits = s.attribution.Currency, number.MoneyDigits
	}
	g := metric.Grid{Samples: s.Conversions, LeftOut: s.LeftOut, Note: s.Without.Note("are left out"), Columns: []metric.Column{
		{Name: "name", Unit: "text"}, {Name: "credit", Unit: unit}, {Name: "share", Unit: metric.UnitRatio}, {Name: "conversions", Unit: metric.UnitCount},
	}}
	markov := s.attribution.Model == Markov
	if markov {
		g.Columns = append(g.Columns, metric.Column{Name: "removalEffect", Unit: metric.UnitRatio})
	}
	credits := s.Credits()
	if s.Unattributed > 0 {
		credits = append(credits, Credit{Name: NoTouch, Micros: s.UnattributedValue.Big(), Conversions: s.Unattributed})
	}
	for i, c := range credits {
		row := []string{
			c.Name, quotient(c.Micros, big.NewInt(event.MicroUnits), digits), quotient(c.Micros, s.Value.Big(), number.RatioDigits),
			number.Whole(c.Conversions),
		}
		switch {
		case markov && i < len(credits)-1 || markov && s.Unattributed == 0:
			row = append(row, number.Rounded(c.Effect, number.RatioDigits))
		case markov:
			row = append(row, "")
		}
		g.Rows = append(g.Rows, metric.GridRow{Values: row})
	}
	return g
}

// quotient formats a/b for a Grid. It is empty if b is 0.
func quotient(a, b *big.Int, digits int) string {
	if d, ok := number.DivideBig(a, b, digits); ok {
		return d.String()
	}
	return ""
}
