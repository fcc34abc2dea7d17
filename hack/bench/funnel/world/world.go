// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package world makes the events of bench-funnel from a seed, and knows the answers that the engines have to find in them.
//
// Each person has a depth in the funnel that is drawn before their events are made. All events of a person lie on whole seconds of their
// own, because ClickHouse's windowFunnel knows no finer time and leaves ties open.
package world

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
)

const (
	seed = 20261122
	// Day in seconds.
	Day = 24 * 3600
	// Window of the funnel, in seconds.
	Window = 7 * Day
	// Days of a run.
	Days = 30
	// Begin is 2026-10-02T00:00:00Z, so that the events of a run lie in one month.
	Begin = 1_790_899_200
	// End lies behind the last event, in seconds behind Begin as all times here.
	End = Days * Day
	// PerHead is the mean number of events of a person.
	PerHead = 32
	// Stages of the funnel.
	Stages = 5
)

// Names of events: those of the stages, then the names that no stage matches.
var Names = []string{
	"Product Viewed", "Product Added", "Cart Viewed", "Checkout Started", "Order Completed",
	"Page Viewed", "Product List Viewed", "Products Searched", "Promotion Viewed", "Product Clicked", "Wishlist Opened",
	"Email Opened", "Coupon Entered", "Store Finder Used", "Chat Started", "Review Read", "Video Played",
}

// depths[d] is the share of persons, in percent, who reach d stages.
var depths = [Stages + 1]int{25, 30, 18, 12, 9, 6}

// Sighting is one event. The identity fields are those of a world with identities.
type Sighting struct {
	Person int
	// Number of the event in its person: with the person, it is the event's ID.
	Number int
	// At is its time in seconds behind Begin.
	At int64
	// Name is its place in Names.
	Name uint8
	// Device that it came from; Known says that the customer was known by then; Both that the event names device and customer.
	Device      uint8
	Known, Both bool
}

// ID is the number of an event, CutID finds person and number in it again.
func (s *Sighting) ID() uint64 { return uint64(s.Person)<<10 | uint64(s.Number) }

// CutID finds what ID was made of.
func CutID(id uint64) (person, number int) { return int(id >> 10), int(id & 1023) }

// World is a number of events by a number of persons.
type World struct {
	Events  int
	Persons int
	// Identities gives persons several identities, and redelivers one event in fifty.
	Identities bool
}

// New gives a world of about so many events.
func New(events int, identities bool) World {
	// Persons come in pairs that have twice PerHead events together.
	persons := events / PerHead / 2 * 2
	return World{Events: persons * PerHead, Persons: persons, Identities: identities}
}

// Redelivered says that an event comes a second time.
func (w World) Redelivered(s *Sighting) bool {
	return w.Identities && Hash(s.Person, 1000+uint64(s.Number))%50 == 0
}

// Hash is splitmix64 over the seed: draws that do not depend on the order of the generator.
func Hash(p int, salt uint64) uint64 {
	x := uint64(p)*0x9e3779b97f4a7c15 + salt*0xbf58476d1ce4e5b9 + seed
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// PersonNumber is what a person is called where there are no identities.
func PersonNumber(p int) uint64 { return Hash(p, 99) }

// Stamp tells one generator from a changed one: folders and tables of another stamp are of no use.
func (w World) Stamp() string {
	h := fnv.New32a()
	for list := range w.span(0, min(w.Persons, 500)) {
		for i := range list {
			_ = binary.Write(h, binary.LittleEndian, uint64(pack(&list[i]))) // a hash takes everything
		}
	}
	return fmt.Sprintf("%08x", h.Sum32())
}

func depthOf(p int) int {
	draw := int(Hash(p, 1) % 100)
	for d, share := range depths {
		if draw < share {
			return d
		}
		draw -= share
	}
	return 0
}
