// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
)

// subject is the person at hand, with what no metric sees of them.
type subject struct {
	metric.Person
	// rows seen of the person, those without meaning for the map included; public are those of them that came from public sources.
	rows, public int
	// enteredBefore is the time of the last event with which an attempt could start before Plan.Since, 0 for none; enteredAfter says that there is
	// one after the time of analysis.
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

// isOversized reports whether a trusted source gave the person over MaxEvents events, or that it is known from public ones alone and they did.
func (s *subject) isOversized() bool {
	trusted := s.rows - s.public
	return trusted > journey.MaxEvents || trusted == 0 && s.public > journey.MaxEvents
}

// seen reports whether the person did something, or came by a stage, in the time in which mature attempts start.
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
