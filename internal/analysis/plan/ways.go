// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/stages"
)

// Names of the tables that the run of a map adds.
const (
	Handoffs = "handoffs"
	friction = "friction"
	emotions = "emotions"
)

// waysTables are the tables behind the paths in a map's status. Emotions are measured only where the map expects some.
func waysTables(m *v1alpha1.JourneyMapSpec) ([]metric.Named, error) {
	var expected bool
	ages := make([]time.Duration, len(m.Stages))
	for i := range m.Stages {
		var err error
		if ages[i], err = m.Stages[i].FrictionWithin.Parse(); err != nil {
			return nil, fmt.Errorf("spec.stages[%d].frictionWithin: %w", i, err)
		}
		expected = expected || m.Stages[i].Emotion != nil
	}
	out := []metric.Named{{Name: Handoffs, Metric: stages.Handoffs{}}, {Name: friction, Metric: stages.Friction{Ages: ages}}}
	if expected {
		out = append(out, metric.Named{Name: emotions, Metric: stages.Emotions{}})
	}
	return out, nil
}
