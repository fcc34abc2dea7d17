// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// ConversionRate is the share of customers of one stage who then reached another one in the same attempt.
type ConversionRate struct {
	metric.NoHits
	metric.OfEntries
	// From and To name the stages.
	From, To string
}

// StagesOnly marks metrics that use only attempts.
func (ConversionRate) StagesOnly() {}

type conversionRate struct {
	from, to int
	// anyOrder makes "then" mean that the event of the second stage came after that of the first.
	anyOrder       bool
	whole, reached int64
}

// NewSums returns empty sums. An error names the invalid field.
func (c ConversionRate) NewSums(context *metric.Context) (metric.Sums, error) {
	m, p := context.Map, context.Policy
	from, err := m.StageNamed(c.From)
	if err != nil {
		return nil, fmt.Errorf("conversionRate.from: %w", err)
	}
	to, err := m.StageNamed(c.To)
	if err != nil {
		return nil, fmt.Errorf("conversionRate.to: %w", err)
	}
	if p.Order != journey.AnyOrder && to <= from {
		return nil, fmt.Errorf("conversionRate.to: stage %q does not come after %q, and the map's order is %s", c.To, c.From, p.Order)
	}
	return &conversionRate{from: from, to: to, anyOrder: p.Order == journey.AnyOrder}, nil
}

func (c *conversionRate) AddPerson(v *metric.View) {
	for i := range v.Attempts {
		c.AddAttempt(&v.Attempts[i].Attempt)
	}
}

// AddAttempt adds a mature attempt that counts.
func (c *conversionRate) AddAttempt(a *journey.Attempt) {
	if !a.Has(c.from) {
		return
	}
	c.whole++
	if a.Has(c.to) && (!c.anyOrder || a.Event[c.to] > a.Event[c.from]) {
		c.reached++
	}
}

func (c *conversionRate) Merge(other metric.Sums) {
	o := other.(*conversionRate)
	c.whole += o.whole
	c.reached += o.reached
}

func (c *conversionRate) Value() metric.Value { return shareOf(c.reached, c.whole) }
