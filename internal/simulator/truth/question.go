// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import "time"

// Question is the time over which a map is evaluated.
type Question struct {
	// AsOf is the time of analysis. Anything later is ignored.
	AsOf time.Time `json:"asOf"`
	// Window is the time from the entry of an attempt to its end, inclusive.
	Window time.Duration `json:"window"`
	// Lookback is the length of the time in which mature attempts start.
	Lookback time.Duration `json:"lookback"`
	// Known is the time up to which the store had received events; later ones are unknown. The zero value means all.
	Known time.Time `json:"known,omitzero"`
	// Sources to analyse; empty means all.
	Sources []string `json:"sources,omitempty"`
}

// From returns the first instant at which a mature attempt can start.
func (q Question) From() time.Time { return q.To().Add(-q.Lookback) }

// To returns the last instant at which a mature attempt can start.
func (q Question) To() time.Time { return q.AsOf.Add(-q.Window) }

// before returns the question for the time of the same length just before, at equal age.
func (q Question) before() Question {
	q.AsOf = q.AsOf.Add(-q.Lookback)
	return q
}

// mature reports whether an attempt that starts at t has had its whole window.
func (q Question) mature(t time.Time) bool { return !t.Before(q.From()) && !t.After(q.To()) }

// young reports whether the window of an attempt that starts at t is still open.
func (q Question) young(t time.Time) bool { return t.After(q.To()) && !t.After(q.AsOf) }

// recent reports whether an event is in the time over which events alone are counted.
func (q Question) recent(t time.Time) bool {
	return t.After(q.AsOf.Add(-q.Lookback)) && !t.After(q.AsOf)
}

// spanned reports whether an event is in the time over which reach and coverage are counted: from the first entry to the end of the last window.
func (q Question) spanned(t time.Time) bool { return !t.Before(q.From()) && !t.After(q.AsOf) }
