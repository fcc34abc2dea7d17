// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storewatch

import (
	"errors"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Look is what is known about a store.
type Look struct {
	// At is the time of the newest answer; zero when there was none since the operator started.
	At time.Time
	// Health from the newest answer.
	Health store.Health
	// Err is why the store did not answer lately; nil when it did, or when it was not asked yet.
	Err error
	// Bringer is the source that brought most of the identities that the store knows; empty when nobody counted.
	Bringer string
	// Settled says that nothing was appended between the two newest answers.
	Settled bool
}

// bringer finds the source that brought most identities.
func bringer(sources []store.SourceState) string {
	name, most := "", int64(0)
	for _, s := range sources {
		if s.NewIdentities > most {
			name, most = s.Name, s.NewIdentities
		}
	}
	return name
}

// Answered reports whether the store answered when it was asked last.
func (l Look) Answered() bool { return !l.At.IsZero() && l.Err == nil }

// SourceLook is what a store knows about one source.
type SourceLook struct {
	// Store that the source feeds.
	Store Look
	// Known says that the store knows the source.
	Known bool
	// State from the newest answer.
	State store.SourceState
	// Reports of the source's pods; empty if the store has none.
	Reports []store.Report
	// Silent is since when the store answers and has no report of them; zero while it has one.
	Silent time.Time
	// Settled says that the counters did not move between the two newest answers.
	Settled bool
	// Traffic is the newest interval in which anything was accepted or refused; zero when none was seen since the operator started.
	Traffic Traffic
}

// Traffic is what went through a source in one interval.
type Traffic struct {
	// Accepted and Rejected events.
	Accepted, Rejected int64
	// Reason for which most were refused, and an example.
	Reason, Example string
	// Unauthorized requests, which are no events.
	Unauthorized int64
	// Waiting are events that the store had no memory for, because they bring identities that are new to it; each time that one came. Nothing is
	// wrong with them.
	Waiting int64
}

// Seen reports whether there was any traffic.
func (t Traffic) Seen() bool { return t.Accepted+t.Rejected+t.Waiting > 0 }

// rejected sums the refused events of a source.
func rejected(c store.Counters) int64 {
	var n int64
	for reason, r := range c.Rejected {
		if !reject.Unauthorized(reason) {
			n += r.Count
		}
	}
	return n
}

// turnedAway are the reasons of requests that were not looked at, because the source's own spec says so: no event was found wanting, and all of
// them come again.
func turnedAway(reason string) bool { return reason == reject.Suspended }

// traffic compares two states of a source. Counters that went back belong to a store that was created again: all of them count.
func traffic(before, after store.SourceState) Traffic {
	if after.Counters.Accepted < before.Counters.Accepted || rejected(after.Counters) < rejected(before.Counters) {
		before = store.SourceState{}
	}
	t := Traffic{Accepted: after.Counters.Accepted - before.Counters.Accepted}
	var most int64
	for reason, r := range after.Counters.Rejected {
		n := r.Count - before.Counters.Rejected[reason].Count
		if n <= 0 || turnedAway(reason) {
			continue
		}
		switch {
		case reject.Unauthorized(reason):
			t.Unauthorized += n
			continue
		case reason == reject.NewIdentities:
			t.Waiting += n
			continue
		}
		t.Rejected += n
		if n > most || (n == most && reason < t.Reason) {
			most, t.Reason, t.Example = n, reason, r.Example
		}
	}
	return t
}

// Why returns the innermost cause of an error. Outer ones name addresses and ports that differ with every try, and a message
// that always differs would be written forever.
func Why(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
