// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import "fmt"

// DropOffRate is the share of the customers of a stage who did not go on to a later one.
type DropOffRate struct {
	noHits
	// Stage by name.
	Stage string
}

type dropOffRate struct {
	noHits
	stage            int
	entered, dropped int64
}

func (d DropOffRate) accumulator(m *Map, p *Progression) (Accumulator, error) {
	stage, err := stageNamed(m, d.Stage)
	if err != nil {
		return nil, fmt.Errorf("dropOffRate.stage: %w", err)
	}
	if p.policy.Order == AnyOrder {
		return nil, fmt.Errorf("dropOffRate.stage: in the order Any no stage comes after another; use conversionRate")
	}
	if stage == len(m.Stages)-1 {
		return nil, fmt.Errorf("dropOffRate.stage: %q is the last stage, nobody can go on from it", d.Stage)
	}
	return &dropOffRate{stage: stage}, nil
}

func (d *dropOffRate) attempt(a *Attempt) {
	if !a.Has(d.stage) {
		return
	}
	d.entered++
	if a.Stages>>(d.stage+1) == 0 {
		d.dropped++
	}
}

func (d *dropOffRate) Merge(other Accumulator) {
	o := other.(*dropOffRate)
	d.entered += o.entered
	d.dropped += o.dropped
}

func (d *dropOffRate) Value() Value { return shareOf(d.dropped, d.entered) }
