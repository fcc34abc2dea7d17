// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression

import (
	"math/bits"

	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Simultaneous events can follow each other in any order, so an attempt can pass several stages at one instant: a segment. A segment is a set of
// stages for which there are distinct events among the simultaneous ones.

// maxFreeOptional is the number of optional stages that one segment can choose from; beyond it, the first ones in the order of the map are used. Ten
// optional stages at one instant is far more than is realistic.
const maxFreeOptional = 10

// noStage is before the first stage: the attempt has not begun yet.
const noStage = -1

// segmentsTo calls yield for every segment that leads from stage p to stage s, both by index in the map. union is the set of stages that the group's
// events can enter. matchable checks whether there are events for it.
func segmentsTo(p, s int, optional, union uint32, yield func(segment uint32)) {
	between := uint32(1<<s-1) &^ uint32(1<<(p+1)-1)
	base := between&^optional | 1<<s
	if base&^union != 0 {
		return
	}
	free := between & optional & union
	for bits.OnesCount32(free) > maxFreeOptional {
		free &^= 1 << (bits.Len32(free) - 1)
	}
	for choice := free; ; choice = (choice - 1) & free {
		yield(base | choice)
		if choice == 0 {
			return
		}
	}
}

// assignment finds distinct events for the stages of a segment (bipartite matching by augmenting paths). The group can have any size: for each stage
// the first MaxStages events are enough, because other stages cannot use more.
type assignment struct {
	events []journey.Event
	first  int // index of the group's first event in the person
	taken  map[int32]int8
	byTurn [journey.MaxStages]int32
	seen   map[int32]bool
}

// matchable reports whether there are distinct events for all stages of the segment. If so, byTurn has the event of each.
func (a *assignment) matchable(group []journey.Event, first int, segment uint32, single bool) bool {
	a.events, a.first = group, first
	if single {
		return a.assignSingle(segment)
	}
	if a.taken == nil {
		a.taken, a.seen = map[int32]int8{}, map[int32]bool{}
	}
	clear(a.taken)
	for rest := segment; rest != 0; rest &= rest - 1 {
		clear(a.seen)
		if !a.augment(int8(lowest(rest))) {
			return false
		}
	}
	for event, stage := range a.taken {
		a.byTurn[stage] = int32(first) + event
	}
	return true
}

// assignSingle handles groups in which no event can enter two stages: each stage gets its first event.
func (a *assignment) assignSingle(segment uint32) bool {
	missing := segment
	for i := range a.events {
		if stages := a.events[i].Stages & missing; stages != 0 {
			a.byTurn[lowest(stages)] = int32(a.first + i)
			missing &^= stages
		}
	}
	return missing == 0
}

func (a *assignment) augment(stage int8) bool {
	options := 0
	for i := range a.events {
		if a.events[i].Stages&(1<<stage) == 0 {
			continue
		}
		if options++; options > journey.MaxStages {
			return false
		}
		event := int32(i)
		if a.seen[event] {
			continue
		}
		a.seen[event] = true
		if other, ok := a.taken[event]; !ok || a.augment(other) {
			a.taken[event] = stage
			return true
		}
	}
	return false
}

// coversCustomers reports whether a matching of the segment can use every customer event of the group. By the theorem of Mendelsohn and Dulmage it is
// enough that all stages of the segment can be matched, which the caller has checked, and that all customer events can be matched to stages of the
// segment.
func coversCustomers(group []journey.Event, segment uint32) bool {
	var owner [journey.MaxStages]int
	for i := range owner {
		owner[i] = -1
	}
	for i := range group {
		if group[i].Customer {
			var seen uint32
			if !claim(group, i, segment, &owner, &seen) {
				return false
			}
		}
	}
	return true
}

func claim(group []journey.Event, event int, segment uint32, owner *[journey.MaxStages]int, seen *uint32) bool {
	for rest := group[event].Stages & segment &^ *seen; rest != 0; rest = group[event].Stages & segment &^ *seen {
		stage := lowest(rest)
		*seen |= 1 << stage
		if owner[stage] < 0 || claim(group, owner[stage], segment, owner, seen) {
			owner[stage] = event
			return true
		}
	}
	return false
}

// describe returns the union of the stages of a group's events, and whether none of them can enter two stages.
func describe(group []journey.Event) (union uint32, single bool) {
	single = true
	for i := range group {
		stages := group[i].Stages
		union |= stages
		single = single && stages&(stages-1) == 0
	}
	return union, single
}

// lowest returns the lowest stage of a nonempty set.
func lowest(stages uint32) int { return bits.TrailingZeros32(stages) }
