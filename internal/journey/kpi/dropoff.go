// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kpi

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// DropOffRate is the share of the customers of a stage who did not go on to a later one.
type DropOffRate struct {
	journey.NoHits
	journey.OfEntries
	// Stage by name.
	Stage string
}

type dropOffRate struct {
	journey.NoHits
	stage            int
	entered, dropped int64
}

// NewAccumulator gives an empty accumulator; an error names the field that is wrong.
func (d DropOffRate) NewAccumulator(m *journey.Map, p journey.Policy) (journey.Accumulator, error) {
	stage, err := m.StageNamed(d.Stage)
	if err != nil {
		return nil, fmt.Errorf("dropOffRate.stage: %w", err)
	}
	if p.Order == journey.AnyOrder {
		return nil, fmt.Errorf("dropOffRate.stage: in the order Any no stage comes after another; use conversionRate")
	}
	if stage == len(m.Stages)-1 {
		return nil, fmt.Errorf("dropOffRate.stage: %q is the last stage, nobody can go on from it", d.Stage)
	}
	return &dropOffRate{stage: stage}, nil
}

func (d *dropOffRate) AddAttempt(a *journey.Attempt) {
	if !a.Has(d.stage) {
		return
	}
	d.entered++
	if a.Stages>>(d.stage+1) == 0 {
		d.dropped++
	}
}

func (d *dropOffRate) Merge(other journey.Accumulator) {
	o := other.(*dropOffRate)
	d.entered += o.entered
	d.dropped += o.dropped
}

func (d *dropOffRate) Value() journey.Value { return shareOf(d.dropped, d.entered) }
