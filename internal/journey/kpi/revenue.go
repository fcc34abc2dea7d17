// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/match"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/money"
)

// Revenue is the sum of order amounts after refunds, by the rules of AverageOrderValue. Without orders it is zero. If there are orders but none has
// an amount that counts, it is unknown.
type Revenue money.Orders

// Matches lists the events by role.
func (r Revenue) Matches() [][]journey.Match { return money.Orders(r).Matches() }

// Read records what the metric needs of an event.
func (r Revenue) Read(v *match.Values, role uint8, h *metric.Hit) {
	money.Orders(r).Read(v, role, h)
}

// Needs marks the columns that Read uses.
func (r Revenue) Needs(n *match.Needs) { money.Orders(r).Needs(n) }

// NewSums returns empty sums. An error names the invalid field.
func (r Revenue) NewSums(*metric.Context) (metric.Sums, error) {
	return &revenueSum{newOrderValue(money.Orders(r))}, nil
}

type revenueSum struct{ *orderValue }

func (r *revenueSum) Merge(other metric.Sums) {
	r.orderValue.Merge(other.(*revenueSum).orderValue)
}

func (r *revenueSum) Value() metric.Value {
	sum, orders := r.revenue()
	return r.valueOf(sum, orders, 1)
}
