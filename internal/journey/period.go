// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Period is the time that is analysed. All instants are microseconds since 1970.
//
// Attempts that start in From <= t < To are mature: their window has ended at AsOf, so they can no longer change. Attempts that start in
// To <= t < YoungTo are young: their window is still open, and the stages that they have not reached yet are censored. Young attempts count
// for provisional numbers only.
type Period struct {
	// From and To limit the entries of mature attempts: From <= t < To.
	From, To int64
	// YoungTo is the end of the entries of young attempts. It equals To if there are none.
	YoungTo int64
	// AsOf is the time of analysis. Later events are ignored.
	AsOf int64
	// Limit is the latest instant, inclusive, of an event of a mature attempt.
	Limit int64
	// YoungLimit is the same for young attempts.
	YoungLimit int64
	// EventsFrom and EventsTo limit what is counted from events alone: EventsFrom <= t < EventsTo.
	EventsFrom, EventsTo int64
}

// Lookback returns the period whose mature entries are in [asOf - window - lookback, asOf - window]. Events alone are counted over (asOf - lookback,
// asOf]. Window and lookback are in microseconds.
func Lookback(asOf, lookback int64, p Policy) Period {
	window := p.Window.Microseconds()
	out := Period{
		From: asOf - window - lookback, To: asOf - window + 1, YoungTo: asOf + 1, AsOf: asOf, Limit: asOf, YoungLimit: asOf,
		EventsFrom: asOf - lookback + 1, EventsTo: asOf + 1,
	}
	if p.Conversions == InRange {
		out.Limit = out.To - 1
	}
	return out
}

// Range returns the period of a fixed range from <= t < to, analysed as of an instant.
func Range(from, to, asOf int64, p Policy) Period {
	end := max(from, min(to, asOf+1))
	out := Period{
		From: from, To: clamp(asOf-p.Window.Microseconds()+1, from, end), YoungTo: end, AsOf: asOf,
		Limit: asOf, YoungLimit: asOf,
		EventsFrom: from, EventsTo: end,
	}
	if p.Conversions == InRange {
		out.Limit, out.YoungLimit = end-1, end-1
		if to <= asOf+1 {
			// The range is over: no attempt can change, even if its window is still open.
			out.To = end
		}
	}
	return out
}

// Shift returns the same period, moved by a number of microseconds.
func (p Period) Shift(by int64) Period {
	return Period{
		From: p.From + by, To: p.To + by, YoungTo: p.YoungTo + by, AsOf: p.AsOf + by, Limit: p.Limit + by,
		YoungLimit: p.YoungLimit + by,
		EventsFrom: p.EventsFrom + by, EventsTo: p.EventsTo + by,
	}
}

// SpanEnd is the latest instant, inclusive, of an event of a mature attempt. Reach, coverage and silence are counted over From <= t <= SpanEnd.
func (p Period) SpanEnd(policy Policy) int64 {
	return min(p.Limit, p.To-1+policy.Window.Microseconds())
}

func clamp(x, low, high int64) int64 { return max(low, min(x, high)) }
