// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package storewatch

import (
	"errors"
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Look is the known state of a store.
type Look struct {
	// At is the time of the latest response; zero if there was none since the operator started.
	At time.Time
	// Health in the latest response.
	Health store.Health
	// Err is why the store did not answer the latest polls; nil if it did, or if it was not polled yet.
	Err error
	// Bringer is the source that brought the most identities; empty if they were not counted.
	Bringer string
	// Settled is set if nothing was appended between the two latest responses.
	Settled bool
}

// bringer returns the source that brought the most identities.
func bringer(sources []store.SourceState) string {
	name, most := "", int64(0)
	for _, s := range sources {
		if s.NewIdentities > most {
			name, most = s.Name, s.NewIdentities
		}
	}
	return name
}

// Answered reports whether the store answered the latest poll.
func (l Look) Answered() bool { return !l.At.IsZero() && l.Err == nil }

// SourceLook is the known state of a source.
type SourceLook struct {
	// Store that the source feeds.
	Store Look
	// Known is set if the store knows the source.
	Known bool
	// State in the latest response.
	State store.SourceState
	// Reports of the source's pods; empty if the store has none.
	Reports []store.Report
	// Silent is the time from which the store answers and has no report of them; zero while it has one.
	Silent time.Time
	// Settled is set if the counters did not change between the two latest responses.
	Settled bool
	// Traffic is the latest interval in which anything was accepted or refused; zero if there was none since the operator started.
	Traffic Traffic
}

// Traffic is what a source received in one interval.
type Traffic struct {
	// Accepted and Rejected events.
	Accepted, Rejected int64
	// Reason for which most events were refused, and an example.
	Reason, Example string
	// Unauthorized requests, which are not counted as events.
	Unauthorized int64
	// Waiting is the number of events for which the store had no memory because of new identities, counted each time they were sent. They are valid.
	Waiting int64
	// Unread is the number of requests whose records could not be read, counted each time they were sent, and UnreadExample why. Senders repeat them.
	Unread        int64
	UnreadExample string
}

// Seen reports whether there was any traffic.
func (t Traffic) Seen() bool { return t.Accepted+t.Rejected+t.Waiting+t.Unread > 0 }

// rejected returns the number of refused events of a source.
func rejected(c store.Counters) int64 {
	var n int64
	for reason, r := range c.Rejected {
		if !reject.Unauthorized(reason) {
			n += r.Count
		}
	}
	return n
}

// turnedAway reports whether requests were refused without being processed because of the source's own spec. No event was invalid, and all of them
// will be sent again.
func turnedAway(reason string) bool { return reason == reject.Suspended }

// traffic compares two states of a source. If counters decreased, the store was recreated, and all of them count.
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
		case reason == reject.RecordUnread:
			t.Unread, t.UnreadExample = t.Unread+n, r.Example
			continue
		case reason == reject.Missed:
			continue // These documents were never read. They have a condition of their own.
		}
		t.Rejected += n
		if n > most || (n == most && reason < t.Reason) {
			most, t.Reason, t.Example = n, reason, r.Example
		}
	}
	return t
}

// Why returns the innermost cause of an error. Outer ones contain addresses and ports that differ with every attempt, and a message that always
// differs would be written each time.
func Why(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
