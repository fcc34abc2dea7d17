// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// maker holds buffers that are used again for each person.
type maker struct {
	world  World
	source *rand.PCG
	random *rand.Rand
	taken  map[int64]bool
}

func newMaker(w World) *maker {
	source := rand.NewPCG(0, 0)
	return &maker{world: w, source: source, random: rand.New(source), taken: map[int64]bool{}}
}

// person appends the events of a person in the order of time.
//
// A person of depth d has an entry and d-1 further stages within the window. The other events must not increase the depth. Events that match no stage
// are allowed at any time. Events of later stages are allowed before the first entry, after the window of the last one, and in the window if the
// stage before them is missing.
func (m *maker) person(p int, out []Sighting) []Sighting {
	m.source.Seed(Hash(p, 2), Hash(p, 3))
	clear(m.taken)
	from, depth := len(out), depthOf(p)
	n := PerHead + int(Hash(p/2, 4)%17)*(1-p%2*2)
	first, last := int64(Days*Day), int64(-Window-1)
	if depth > 0 {
		first = m.free(0, Days*Day-Window)
		last = first
		out = append(out, Sighting{Person: p, At: first, Name: 0})
		if m.random.IntN(4) == 0 {
			last = m.free(first, 3600)
			out = append(out, Sighting{Person: p, At: last, Name: 0})
		}
		for s := 1; s < depth; s++ {
			// Each stage has its own part of the window, so that the stages are in order.
			part := int64(Window-3700) / Stages
			out = append(out, Sighting{Person: p, At: m.free(first+3650+int64(s-1)*part, part-60), Name: uint8(s)})
		}
	}
	for len(out)-from < n {
		// A person has far fewer than 60 events, so no event moves to the day after the last one.
		at := m.free(0, Days*Day-60)
		out = append(out, Sighting{Person: p, At: at, Name: m.harmless(at, first, last, depth)})
	}
	events := out[from:]
	slices.SortFunc(events, func(a, b Sighting) int { return cmp.Compare(a.At, b.At) })
	m.identify(p, events)
	return out
}

// free returns a second of the range, or the next one after it without an event.
func (m *maker) free(from, length int64) int64 {
	at := from + m.random.Int64N(length)
	for m.taken[at] {
		at++
	}
	m.taken[at] = true
	return at
}

// harmless returns a name that does not increase the depth of an attempt. Two in three events match no stage.
func (m *maker) harmless(at, first, last int64, depth int) uint8 {
	if m.random.IntN(3) > 0 {
		return uint8(Stages + m.random.IntN(len(Names)-Stages))
	}
	if at < first || at > last+Window {
		return uint8(1 + m.random.IntN(Stages-1))
	}
	if skips := Stages - depth - 1; skips > 0 {
		return uint8(depth + 1 + m.random.IntN(skips))
	}
	return uint8(Stages + m.random.IntN(len(Names)-Stages))
}

// identify sets the identities of each event. 70 % of persons log in on some day. Until then, events name the first device. Afterwards they name the
// customer, who also has a second device. The first event of a device after the login names both.
func (m *maker) identify(p int, events []Sighting) {
	login := int64(2 * Days * Day)
	if Hash(p, 5)%10 < 7 {
		login = int64(Hash(p, 6) % (Days * Day))
	}
	var seen [2]bool
	for i := range events {
		e := &events[i]
		e.Number = i
		if !m.world.Identities || e.At < login {
			continue
		}
		e.Known = true
		if seen[0] {
			e.Device = uint8(Hash(p, 7+uint64(e.At/Day)) % 2)
		}
		e.Both = !seen[e.Device]
		seen[e.Device] = true
	}
}
