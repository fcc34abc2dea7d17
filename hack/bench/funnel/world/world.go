// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package world generates the events of bench-funnel from a seed, and knows the correct results.
//
// The depth of each person in the funnel is drawn before their events. Each event of a person is at its own whole second, because ClickHouse's
// windowFunnel has no finer time and does not define the order of ties.
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
	// Begin is 2026-10-02T00:00:00Z, so that all events of a run are in one month.
	Begin = 1_790_899_200
	// End is after the last event. All times are in seconds since Begin.
	End = Days * Day
	// PerHead is the mean number of events of a person.
	PerHead = 32
	// Stages of the funnel.
	Stages = 5
)

// Names of events: first those of the stages, then names that match no stage.
var Names = []string{
	"Product Viewed", "Product Added", "Cart Viewed", "Checkout Started", "Order Completed",
	"Page Viewed", "Product List Viewed", "Products Searched", "Promotion Viewed", "Product Clicked", "Wishlist Opened",
	"Email Opened", "Coupon Entered", "Store Finder Used", "Chat Started", "Review Read", "Video Played",
}

// depths[d] is the share of persons, in percent, who reach d stages.
var depths = [Stages + 1]int{25, 30, 18, 12, 9, 6}

// Sighting is one event. The identity fields are for a world with identities.
type Sighting struct {
	Person int
	// Number of the event of its person. Person and number together are the ID of the event.
	Number int
	// At is the time of the event, in seconds since Begin.
	At int64
	// Name is an index of Names.
	Name uint8
	// Device of the event. Known means that the customer had logged in by then, Both that the event names device and customer.
	Device      uint8
	Known, Both bool
}

// ID returns the ID of the event. CutID is the inverse.
func (s *Sighting) ID() uint64 { return uint64(s.Person)<<10 | uint64(s.Number) }

// CutID returns the person and number of an ID.
func CutID(id uint64) (person, number int) { return int(id >> 10), int(id & 1023) }

// World is a set of events.
type World struct {
	Events  int
	Persons int
	// Identities gives persons several identities, and redelivers one event in fifty.
	Identities bool
}

// New returns a world with about the given number of events.
func New(events int, identities bool) World {
	// pairs of persons have exactly twice PerHead events
	persons := events / PerHead / 2 * 2
	return World{Events: persons * PerHead, Persons: persons, Identities: identities}
}

// Redelivered reports whether an event is delivered a second time.
func (w World) Redelivered(s *Sighting) bool {
	return w.Identities && Hash(s.Person, 1000+uint64(s.Number))%50 == 0
}

// Hash is splitmix64 over the seed. Draws do not depend on the order in which events are generated.
func Hash(p int, salt uint64) uint64 {
	x := uint64(p)*0x9e3779b97f4a7c15 + salt*0xbf58476d1ce4e5b9 + seed
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// PersonNumber identifies a person in a world without identities.
func PersonNumber(p int) uint64 { return Hash(p, 99) }

// Stamp identifies the version of the generator. Folders and tables with another stamp cannot be used.
func (w World) Stamp() string {
	h := fnv.New32a()
	for list := range w.span(0, min(w.Persons, 500)) {
		for i := range list {
			_ = binary.Write(h, binary.LittleEndian, uint64(pack(&list[i]))) // writing to a hash cannot fail
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
