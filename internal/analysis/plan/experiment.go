// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/table"
)

// defaultLevel is the default confidence level of intervals.
const defaultLevel = "0.95"

func experimentTable(t *v1alpha1.ExperimentTable, events *eventNames) (metric.Metric, error) {
	within, err := t.Within.Parse()
	if err != nil {
		return nil, fmt.Errorf("%s.experiment.within: %w", events.path, err)
	}
	level, err := strconv.ParseFloat(string(cmp.Or(t.ConfidenceLevel, defaultLevel)), 64)
	if err != nil {
		return nil, fmt.Errorf("%s.experiment.confidenceLevel: %w", events.path, err)
	}
	out := table.Experiment{
		Conversion: events.of(t.Conversion, "experiment.conversion"), Within: within, Level: level,
		FixedHorizon: t.Method == v1alpha1.FixedHorizonMethod,
		Variants:     []table.Variant{variant(&t.Control, events, "experiment.control.exposure")},
	}
	for i := range t.Variants {
		out.Variants = append(out.Variants, variant(&t.Variants[i], events, fmt.Sprintf("experiment.variants[%d].exposure", i)))
	}
	return out, events.err
}

func variant(v *v1alpha1.ExperimentVariant, events *eventNames, field string) table.Variant {
	out := table.Variant{Name: string(v.Name), Exposure: events.of(v.Exposure, field), Weight: 1}
	if v.Weight != nil {
		out.Weight = int64(*v.Weight)
	}
	return out
}
