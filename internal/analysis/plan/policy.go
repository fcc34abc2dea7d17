// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// countPersons is the key that counts persons.
const countPersons = "person"

// policy returns the effective rules of progression of a map.
func policy(spec *v1alpha1.JourneyMapSpec) (journey.Policy, error) {
	p := &spec.Progression
	out := journey.Policy{
		Order:        journey.Order(p.Order),
		Entry:        cmp.Or(journey.Entry(p.Entry), journey.Best),
		Ties:         cmp.Or(journey.Ties(p.Ties), journey.EitherOrder),
		Conversions:  cmp.Or(journey.Conversions(p.Conversions), journey.InWindow),
		OnExclusion:  cmp.Or(journey.OnExclusion(p.OnExclusion), journey.Discard),
		HoldConstant: p.HoldConstant,
		Count:        cmp.Or(journey.Count(p.Count), journey.Customers),
	}
	var err error
	if out.Window, err = p.Window.Parse(); err != nil {
		return out, fmt.Errorf("spec.progression.window: %w", err)
	}
	if out.Grace, err = p.Grace.Parse(); err != nil {
		return out, fmt.Errorf("spec.progression.grace: %w", err)
	}
	for i, s := range spec.Stages {
		within, err := s.Within.Parse()
		if err != nil {
			return out, fmt.Errorf("spec.stages[%d].within: %w", i, err)
		}
		if within > 0 {
			out.Within = append(out.Within, make([]time.Duration, i+1-len(out.Within))...)
			out.Within[i] = within
		}
	}
	for _, x := range p.Exclusions {
		out.Exclusions = append(out.Exclusions, journey.Exclusion{Match: matches(x.Match), After: string(x.After), Before: string(x.Before)})
	}
	for _, c := range p.Compat {
		out.Compat = append(out.Compat, journey.Compat(c))
	}
	return out, nil
}

// countBy returns the key of the unit that is counted, that of the report before that of the map; empty for persons.
func countBy(doc *podconfig.Analysis) (string, error) {
	by := doc.Map.CountBy
	if doc.Report != nil && doc.Report.CountBy != nil {
		by = doc.Report.CountBy
	}
	if by == nil || by.Key == countPersons {
		return "", nil
	}
	if _, err := store.ParseUnitKey(by.Key); err != nil {
		return "", fmt.Errorf("spec.countBy.key: %w", err)
	}
	return by.Key, nil
}
