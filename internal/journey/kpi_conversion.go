// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// ConversionRate is the share of customers who reached one stage and then, in the same attempt, another.
type ConversionRate struct {
	noHits
	// From and To name the stages.
	From, To string
}

type conversionRate struct {
	noHits
	from, to int
	// anyOrder makes "then" mean that the event of one stage came after that of the other.
	anyOrder       bool
	whole, reached int64
}

func (c ConversionRate) accumulator(m *Map, p *Progression) (Accumulator, error) {
	from, err := stageNamed(m, c.From)
	if err != nil {
		return nil, fmt.Errorf("conversionRate.from: %w", err)
	}
	to, err := stageNamed(m, c.To)
	if err != nil {
		return nil, fmt.Errorf("conversionRate.to: %w", err)
	}
	if p.policy.Order != AnyOrder && to <= from {
		return nil, fmt.Errorf("conversionRate.to: stage %q does not come after %q, and the map's order is %s", c.To, c.From, p.policy.Order)
	}
	return &conversionRate{from: from, to: to, anyOrder: p.policy.Order == AnyOrder}, nil
}

func (c *conversionRate) attempt(a *Attempt) {
	if !a.Has(c.from) {
		return
	}
	c.whole++
	if a.Has(c.to) && (!c.anyOrder || a.Event[c.to] > a.Event[c.from]) {
		c.reached++
	}
}

func (c *conversionRate) Merge(other Accumulator) {
	o := other.(*conversionRate)
	c.whole += o.whole
	c.reached += o.reached
}

func (c *conversionRate) Value() Value { return shareOf(c.reached, c.whole) }
