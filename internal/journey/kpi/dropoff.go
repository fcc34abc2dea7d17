// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// DropOffRate is the share of customers of a stage who did not continue to a later one.
type DropOffRate struct {
	metric.NoHits
	metric.OfEntries
	// Stage is the name of the stage.
	Stage string
}

type dropOffRate struct {
	stage            int
	entered, dropped int64
}

// NewSums returns empty sums. An error names the invalid field.
func (d DropOffRate) NewSums(c *metric.Context) (metric.Sums, error) {
	m := c.Map
	stage, err := m.StageNamed(d.Stage)
	if err != nil {
		return nil, fmt.Errorf("dropOffRate.stage: %w", err)
	}
	if c.Policy.Order == journey.AnyOrder {
		return nil, fmt.Errorf("dropOffRate.stage: in the order Any no stage comes after another; use conversionRate")
	}
	if stage == len(m.Stages)-1 {
		return nil, fmt.Errorf("dropOffRate.stage: %q is the last stage: nobody can continue from it", d.Stage)
	}
	return &dropOffRate{stage: stage}, nil
}

func (d *dropOffRate) AddPerson(v *metric.View) {
	for i := range v.Attempts {
		d.AddAttempt(&v.Attempts[i].Attempt)
	}
}

// AddAttempt adds a mature attempt that counts.
func (d *dropOffRate) AddAttempt(a *journey.Attempt) {
	if !a.Has(d.stage) {
		return
	}
	d.entered++
	if a.Stages>>(d.stage+1) == 0 {
		d.dropped++
	}
}

func (d *dropOffRate) Merge(other metric.Sums) {
	o := other.(*dropOffRate)
	d.entered += o.entered
	d.dropped += o.dropped
}

func (d *dropOffRate) Value() metric.Value { return shareOf(d.dropped, d.entered) }
