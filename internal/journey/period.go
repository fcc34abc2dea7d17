// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

// Period is the time that is analysed. All instants are microseconds since 1970.
//
// Attempts that start in From <= t < To are mature: their window has ended at AsOf, so that nothing can change
// them any more. Attempts that start in To <= t < YoungTo are young: their window is still open, and what they have not reached yet is censored. They
// make the provisional numbers alone.
type Period struct {
	// From and To bound the entries of mature attempts.
	From, To int64
	// YoungTo ends the entries of young attempts; To when there are none.
	YoungTo int64
	// AsOf is the time of analysis: events after it are not looked at.
	AsOf int64
	// Limit is the newest instant, included, at which an event of a mature attempt may lie.
	Limit int64
	// YoungLimit is the same for young attempts.
	YoungLimit int64
	// EventsFrom and EventsTo bound what is counted by events alone: EventsFrom <= t < EventsTo.
	EventsFrom, EventsTo int64
}

// Lookback returns the period whose mature entries lie in [asOf - window - lookback, asOf - window].
// Events alone are counted over (asOf - lookback, asOf]. Window and lookback are microseconds.
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

// Range returns the period of a fixed range from <= t < to, looked at as of an instant.
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
			// The range is over, so no attempt can change even if its window is still open.
			out.To = end
		}
	}
	return out
}

// Shift returns the same period at another time.
func (p Period) Shift(by int64) Period {
	return Period{
		From: p.From + by, To: p.To + by, YoungTo: p.YoungTo + by, AsOf: p.AsOf + by, Limit: p.Limit + by,
		YoungLimit: p.YoungLimit + by,
		EventsFrom: p.EventsFrom + by, EventsTo: p.EventsTo + by,
	}
}

// SpanEnd is the newest instant, included, at which an event of a mature attempt can lie. Reach, coverage and silence are counted
// over From <= t <= SpanEnd.
func (p Period) SpanEnd(policy Policy) int64 {
	return min(p.Limit, p.To-1+policy.Window.Microseconds())
}

func clamp(x, low, high int64) int64 { return max(low, min(x, high)) }
