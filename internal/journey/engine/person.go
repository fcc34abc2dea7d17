// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// subject is the current person, with what the metrics do not see of them.
type subject struct {
	metric.Person
	// rows counts all rows of the person, including those that do not matter for the map; public counts those from public sources.
	rows, public int
	// enteredBefore is the time of the last event before Plan.Since that could start an attempt, 0 for none. enteredAfter is set if there is one after
	// the time of analysis.
	enteredBefore int64
	enteredAfter  bool
	// hits of each metric, in the order of the events.
	hits [][]metric.Hit
}

// hasRoom counts a row and reports whether the person keeps it.
func (s *subject) hasRoom(public bool) bool {
	s.rows++
	if !public {
		return s.rows-s.public <= journey.MaxEvents
	}
	s.public++
	return s.public <= journey.MaxEvents
}

// isOversized reports whether trusted sources sent more than MaxEvents events of the person, or public ones did and no trusted source knows the person.
func (s *subject) isOversized() bool {
	trusted := s.rows - s.public
	return trusted > journey.MaxEvents || trusted == 0 && s.public > journey.MaxEvents
}

// seen reports whether the person did something, or reached a stage, in the time in which mature attempts start.
func (s *subject) seen(period *journey.Period) bool {
	for i := range s.Events {
		if t := s.Events[i].Time; t >= period.From && t < period.To {
			return true
		}
	}
	return false
}

func (s *subject) reset(id uint64, unit string) {
	s.ID, s.rows, s.public = id, 0, 0
	s.enteredBefore, s.enteredAfter = 0, false
	s.Unit = strings.Clone(unit)
	s.Events, s.Touches = s.Events[:0], s.Touches[:0]
	for i := range s.hits {
		s.hits[i] = s.hits[i][:0]
	}
	s.Known.Reset()
}
