// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// The world of the benchmark: persons who each have a depth in the funnel that is known before their events are made. All events of a
// person lie on whole seconds of their own, because ClickHouse's windowFunnel knows no finer time and leaves ties open.
const (
	seed = 20261122
	// day and window in seconds; begin is 2026-10-02T00:00:00Z, so that the events of a run lie in two months.
	day     = 24 * 3600
	days    = 30
	window  = 7 * day
	begin   = 1_790_899_200
	perHead = 32
)

// stages of the funnel, then the names that no stage matches.
var names = []string{
	"Product Viewed", "Product Added", "Cart Viewed", "Checkout Started", "Order Completed",
	"Page Viewed", "Product List Viewed", "Products Searched", "Promotion Viewed", "Product Clicked", "Wishlist Opened",
	"Email Opened", "Coupon Entered", "Store Finder Used", "Chat Started", "Review Read", "Video Played",
}

const stages = 5

// depths[d] is the share of persons, in percent, who reach d stages.
var depths = [stages + 1]int{25, 30, 18, 12, 9, 6}

// sighting is one event. The identity fields are those of a world with identities.
type sighting struct {
	person int
	// number of the event in its person: with the person, it is the event's id.
	number int
	at     int64
	name   uint8
	// device that it came from; known says that the customer was known by then; both that the event names device and customer.
	device      uint8
	known, both bool
}

type world struct {
	events  int
	persons int
	// identities gives persons several identities, and redelivers one event in fifty.
	identities bool
}

func newWorld(events int, identities bool) world {
	// Persons come in pairs that have twice perHead events together.
	persons := events / perHead / 2 * 2
	return world{events: persons * perHead, persons: persons, identities: identities}
}

// truth is how many persons reach at least k+1 stages: by construction, without counting events.
func (w world) truth() [stages]int64 {
	var reached [stages]int64
	for p := range w.persons {
		for s := range depthOf(p) {
			reached[s]++
		}
	}
	return reached
}

// hash is splitmix64 over the seed: draws that do not depend on the order of the generator.
func hash(p int, salt uint64) uint64 {
	x := uint64(p)*0x9e3779b97f4a7c15 + salt*0xbf58476d1ce4e5b9 + seed
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func depthOf(p int) int {
	draw := int(hash(p, 1) % 100)
	for d, share := range depths {
		if draw < share {
			return d
		}
		draw -= share
	}
	return 0
}

// personRandom is used again for each person.
type maker struct {
	world  world
	source *rand.PCG
	random *rand.Rand
	taken  map[int64]bool
}

func newMaker(w world) *maker {
	source := rand.NewPCG(0, 0)
	return &maker{world: w, source: source, random: rand.New(source), taken: map[int64]bool{}}
}

// person appends the events of a person in the order of time.
//
// The chain of a person of depth d is an entry and d-1 further stages within the window. All other events must not make it deeper:
// the names of no stage are harmless anywhere; events of later stages before the first entry and after the window of the last one; and
// within it those that skip the stage that is missing.
func (m *maker) person(p int, out []sighting) []sighting {
	m.source.Seed(hash(p, 2), hash(p, 3))
	clear(m.taken)
	from, depth := len(out), depthOf(p)
	n := perHead + int(hash(p/2, 4)%17)*(1-p%2*2)
	first, last := int64(days*day), int64(-window-1)
	if depth > 0 {
		first = m.free(0, days*day-window)
		last = first
		out = append(out, sighting{person: p, at: first, name: 0})
		if m.random.IntN(4) == 0 {
			last = m.free(first, 3600)
			out = append(out, sighting{person: p, at: last, name: 0})
		}
		for s := 1; s < depth; s++ {
			// Each stage has a part of the window of its own, so that the chain is in order.
			part := int64(window-3700) / stages
			out = append(out, sighting{person: p, at: m.free(first+3650+int64(s-1)*part, part-60), name: uint8(s)})
		}
	}
	for len(out)-from < n {
		at := m.free(0, days*day-60)
		out = append(out, sighting{person: p, at: at, name: m.harmless(at, first, last, depth)})
	}
	events := out[from:]
	slices.SortFunc(events, func(a, b sighting) int { return cmp.Compare(a.at, b.at) })
	m.identify(p, events)
	return out
}

// free gives a second of the stretch, or the next one after it that has no event yet.
func (m *maker) free(from, length int64) int64 {
	at := from + m.random.Int64N(length)
	for m.taken[at] {
		at++
	}
	m.taken[at] = true
	return at
}

// harmless gives a name that makes no attempt deeper: two in three events are of no stage.
func (m *maker) harmless(at, first, last int64, depth int) uint8 {
	if m.random.IntN(3) > 0 {
		return uint8(stages + m.random.IntN(len(names)-stages))
	}
	if at < first || at > last+window {
		return uint8(1 + m.random.IntN(stages-1))
	}
	if skips := stages - depth - 1; skips > 0 {
		return uint8(depth + 1 + m.random.IntN(skips))
	}
	return uint8(stages + m.random.IntN(len(names)-stages))
}

// identify says what each event knows of the person: before the login that seven in ten make some day, the first device; from then on the
// customer, too, who then also has a second device. The first event of a device after the login names both.
func (m *maker) identify(p int, events []sighting) {
	login := int64(2 * days * day)
	if hash(p, 5)%10 < 7 {
		login = int64(hash(p, 6) % (days * day))
	}
	var seen [2]bool
	for i := range events {
		e := &events[i]
		e.number = i
		if !m.world.identities || e.at < login {
			continue
		}
		e.known = true
		if seen[0] {
			e.device = uint8(hash(p, 7+uint64(e.at/day)) % 2)
		}
		e.both = !seen[e.device]
		seen[e.device] = true
	}
}

// redelivered says that an event comes a second time.
func (w world) redelivered(s *sighting) bool {
	return w.identities && hash(s.person, 1000+uint64(s.number))%50 == 0
}
