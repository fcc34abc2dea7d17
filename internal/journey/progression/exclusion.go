// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"fmt"
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// exclusion is a compiled Exclusion: the indexes of its stages.
type exclusion struct{ after, before int }

func compileExclusions(list []journey.Exclusion, stages []journey.Stage) ([]exclusion, error) {
	var out []exclusion
	for i, x := range list {
		e := exclusion{after: 0, before: len(stages) - 1}
		for _, end := range []struct {
			name, field string
			place       *int
		}{{x.After, "after", &e.after}, {x.Before, "before", &e.before}} {
			if end.name == "" {
				continue
			}
			place, err := (&journey.Map{Stages: stages}).StageNamed(end.name)
			if err != nil {
				return nil, fmt.Errorf("spec.progression.exclusions[%d].%s: %w", i, end.field, err)
			}
			*end.place = place
		}
		if e.after >= e.before {
			return nil, fmt.Errorf("spec.progression.exclusions[%d]: the stage in after must come before the one in before", i)
		}
		out = append(out, e)
	}
	return out, nil
}

// excluded returns the index of the first event that excludes the attempt, or -1. The attempt was found as if there were no exclusions. An event
// excludes it if it is strictly between the two stages as the attempt reached them, or, if the later one was not reached, after the earlier one and
// before the attempt has run out of time. An event that the attempt itself uses does not exclude it.
func (p *Progression) excluded(events []journey.Event, a *journey.Attempt, limit int64) int {
	first := -1
	for x, e := range p.exclusions {
		from, ok := p.placeOf(a, e.after, false)
		if !ok {
			continue
		}
		to, reached := p.placeOf(a, e.before, true)
		end := p.expiry(events, a, limit)
		stop := len(events)
		if first >= 0 {
			stop = first
		}
		for i := p.nextExcluded(events, x, from+1, stop); i >= 0 && events[i].Time <= end; i = p.nextExcluded(events, x, i+1, stop) {
			if reached && events[i].Time > events[to].Time {
				break
			}
			if p.follows(events, from, i) && (!reached || p.follows(events, i, to)) && !a.Uses(i) {
				first = i
				break
			}
		}
	}
	return first
}

// follows reports whether event j comes strictly after event i: by time, and by more than the grace; by arrival if ties are exact.
func (p *Progression) follows(events []journey.Event, i, j int) bool {
	if p.policy.Ties == journey.Exact {
		return j > i
	}
	return events[j].Time > events[i].Time+p.grace
}

// placeOf returns the event with which an attempt reached a stage. If skipped is set and the stage was skipped, it returns that of the next stage
// reached. In the order Any, the stage is a position in the order of time.
func (p *Progression) placeOf(a *journey.Attempt, stage int, skipped bool) (event int, ok bool) {
	if p.policy.Order == journey.AnyOrder {
		return a.Nth(stage)
	}
	if a.Has(stage) {
		return int(a.Event[stage]), true
	}
	if later := a.Stages >> stage; skipped && later != 0 {
		return int(a.Event[stage+lowest(later)]), true
	}
	return 0, false
}

// expiry returns the last instant at which something can happen to an attempt: the end of its window, or of the time limit for each of the stages
// that can come next.
func (p *Progression) expiry(events []journey.Event, a *journey.Attempt, limit int64) int64 {
	end := min(limit, a.Entry+p.window)
	if p.within == nil {
		return end
	}
	last := bits.Len32(a.Stages) - 1
	if most := p.longest[last]; most >= 0 {
		end = min(end, events[a.Event[last]].Time+most)
	}
	return end
}

// cut removes what the attempt reached at or after an event.
func (p *Progression) cut(events []journey.Event, a *journey.Attempt, at int) {
	for rest := a.Stages; rest != 0; rest &= rest - 1 {
		s := lowest(rest)
		e := int(a.Event[s])
		if events[e].Time > events[at].Time || p.policy.Ties == journey.Exact && e > at {
			a.Stages &^= 1 << s
		}
	}
	a.Required, a.Optional = bits.OnesCount32(a.Stages&^p.optional), bits.OnesCount32(a.Stages&p.optional)
}
