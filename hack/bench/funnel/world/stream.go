// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"iter"
	"runtime"
	"slices"
	"sync"
)

const (
	// maxHeld is about the number of events that ByTime holds in memory, eight bytes each. With more events, it generates all persons again for each
	// part of the time.
	maxHeld = 32 << 20
	// some is the number of events in a batch.
	some = 1 << 14
)

// ByTime yields the events of a period, in seconds since Begin, in order of time, in batches.
func (w World) ByTime(from, to int64) iter.Seq[[]Sighting] {
	parts := int64(1 + w.Events/maxHeld)
	step := (End + parts - 1) / parts
	return func(yield func([]Sighting) bool) {
		list := make([]Sighting, 0, some)
		for ; from < to; from += step {
			for _, p := range w.packed(from, min(from+step, to)) {
				if list = append(list, p.sighting()); len(list) == some {
					if !yield(list) {
						return
					}
					list = list[:0]
				}
			}
		}
		yield(list)
	}
}

// packed is a sighting in one integer that sorts by time: 23 bits of time, 26 of person, 7 of number, 5 of name, and 3 flags.
type packed uint64

func pack(s *Sighting) packed {
	p := packed(s.At)<<41 | packed(s.Person)<<15 | packed(s.Number)<<8 | packed(s.Name)<<3 | packed(s.Device)<<2
	if s.Known {
		p |= 2
	}
	if s.Both {
		p |= 1
	}
	return p
}

func (p packed) sighting() Sighting {
	return Sighting{
		At: int64(p >> 41), Person: int(p >> 15 & (1<<26 - 1)), Number: int(p >> 8 & 127), Name: uint8(p >> 3 & 31), Device: uint8(p >> 2 & 1),
		Known: p&2 != 0, Both: p&1 != 0,
	}
}

// packed returns the events of a period in order.
func (w World) packed(from, to int64) []packed {
	parts := inParts(w, func(part iter.Seq[[]Sighting]) []packed {
		var mine []packed
		for list := range part {
			for i := range list {
				if at := list[i].At; at >= from && at < to {
					mine = append(mine, pack(&list[i]))
				}
			}
		}
		slices.Sort(mine)
		return mine
	})
	all := parts[0]
	for _, p := range parts[1:] {
		all = merge(all, p)
	}
	return all
}

func merge(a, b []packed) []packed {
	out := make([]packed, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// ByPerson yields all events, person by person, in batches. A batch contains all events of its persons.
func (w World) ByPerson() iter.Seq[[]Sighting] { return w.span(0, w.Persons) }

func (w World) span(first, last int) iter.Seq[[]Sighting] {
	return func(yield func([]Sighting) bool) {
		m := newMaker(w)
		var batch []Sighting
		for p := first; p < last; p++ {
			batch = m.person(p, batch)
			if len(batch) >= some || p == last-1 {
				if !yield(batch) {
					return
				}
				batch = batch[:0]
			}
		}
	}
}

// inParts calls a function in parallel, with one part of the persons for each processor.
func inParts[T any](w World, take func(part iter.Seq[[]Sighting]) T) []T {
	results := make([]T, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range results {
		wait.Go(func() {
			results[i] = take(w.span(w.Persons*i/len(results), w.Persons*(i+1)/len(results)))
		})
	}
	wait.Wait()
	return results
}
