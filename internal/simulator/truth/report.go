// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Report is what the sample map has to show.
type Report struct {
	Question
	Stages      []Stage            `json:"stages"`
	Personas    map[string]Segment `json:"personas"`
	Provisional Provisional        `json:"provisional"`
	Coverage    Coverage           `json:"coverage"`
	// Unsure is the number of persons whose figures depend on how fast events with corrected clocks were sent.
	Unsure int64 `json:"unsure"`

	times [stages][]time.Duration
}

// Stage holds the customers whose attempt reached a stage of the map, and those who continued.
type Stage struct {
	Name      string             `json:"name"`
	Entered   int64              `json:"entered"`
	Converted int64              `json:"converted"`
	Dropped   int64              `json:"dropped"`
	ByChannel map[string]Segment `json:"byChannel,omitempty"`
	Reach     int64              `json:"reach"`
	// MedianTimeToNext is in seconds, halves rounded up, over those who continued; nil if nobody did.
	MedianTimeToNext *int64 `json:"medianTimeToNext,omitempty"`
}

// Segment holds the customers of a persona.
type Segment struct {
	Customers int64 `json:"customers"`
	Converted int64 `json:"converted"`
}

// Provisional numbers: customers with an attempt whose window is still open.
type Provisional struct {
	Entered    int64 `json:"entered"`
	InProgress int64 `json:"inProgress"`
	Converted  int64 `json:"converted"`
}

// Coverage is the coverage of customer events by touchpoints.
type Coverage struct {
	Matched   int64 `json:"matched"`
	Unmatched int64 `json:"unmatched"`
	// Names of the unmatched events.
	Names map[string]int64 `json:"names,omitempty"`
	// Unsure is the number of events so close to an edge of the time that the duration of the sending decides.
	Unsure int64 `json:"unsure"`
}

func newReport(q Question) *Report {
	r := &Report{Question: q, Personas: map[string]Segment{}, Coverage: Coverage{Names: map[string]int64{}}}
	for _, name := range world.StageNames {
		r.Stages = append(r.Stages, Stage{Name: name, ByChannel: map[string]Segment{}})
	}
	return r
}

// add adds the figures of one person.
func (r *Report) add(p person) {
	if run := p.best(r.Question, r.mature); len(run) > 0 {
		r.addPassage(run)
		addTo(r.Personas, p.persona(run[0].Time), len(run) == stages)
	}
	if run := p.best(r.Question, r.young); len(run) > 0 {
		r.Provisional.Entered++
		if len(run) == stages {
			r.Provisional.Converted++
		} else {
			r.Provisional.InProgress++
		}
	}
	for stage, reached := range p.reached(r.Question) {
		if reached {
			r.Stages[stage].Reach++
		}
	}
}

func (r *Report) addPassage(run passage) {
	for i, e := range run {
		s, on := &r.Stages[i], i+1 < len(run)
		s.Entered++
		if on {
			r.times[i] = append(r.times[i], run[i+1].Time.Sub(e.Time))
		}
		if on || i == stages-1 {
			s.Converted++
		} else {
			s.Dropped++
		}
		addTo(s.ByChannel, e.Source.Channel(), on || i == stages-1)
	}
}

func addTo(segments map[string]Segment, name string, converted bool) {
	s := segments[name]
	s.Customers++
	if converted {
		s.Converted++
	}
	segments[name] = s
}

// cover counts an event for coverage.
func (r *Report) cover(e *world.Event) {
	if e.Kind != world.Track || e.Brand || e.Ignored {
		return
	}
	if e.Skewed && r.spanned(e.Time) != r.spanned(e.Time.Add(Transit)) {
		r.Coverage.Unsure++
	}
	switch {
	case !r.spanned(e.Time):
	case e.Stage == world.NoStage:
		r.Coverage.Unmatched++
		r.Coverage.Names[e.Name]++
	default:
		r.Coverage.Matched++
	}
}

// finish computes what needs all persons.
func (r *Report) finish() {
	for i := range r.Stages {
		times := r.times[i]
		if len(times) == 0 {
			continue
		}
		slices.Sort(times)
		middle := (times[(len(times)-1)/2] + times[len(times)/2]) / 2
		seconds := int64((middle + time.Second/2) / time.Second)
		r.Stages[i].MedianTimeToNext = &seconds
	}
}
