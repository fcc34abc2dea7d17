// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package clock corrects the time of an event by the error of its sender's clock, if the sender says when it sent the event. The protocols of SDKs
// share it.
package clock

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxSkew is the clock error up to which the time of sending alone corrects it: enough for a wrong time zone, and for a date that is a day off.
const maxSkew = 24 * time.Hour

// neverSet is before the protocols existed: an earlier time of sending is that of a clock that was never set, not of a delayed message.
var neverSet = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// Moment is the time of a document.
type Moment struct {
	// At is the time in microseconds, and Source its origin.
	At     int64
	Source event.TimeSource
	// Uncorrected is set if there was a time of sending that could not correct the time.
	Uncorrected bool
}

// Receipt is the moment of a document without a time of its own.
func Receipt(receivedAt time.Time) Moment {
	return Moment{At: receivedAt.UnixMicro(), Source: event.TimeFromReceipt}
}

// Given is the moment of a document whose sender says at what time it happened, in microseconds, and does not say when it was sent.
func Given(at int64) Moment { return Moment{At: at, Source: event.TimeFromEvent} }

// Sent is the moment of a document that happened at a time, in microseconds, and was sent at another, both by the clock of the sender. If the time of
// sending reveals the clock error, it is at − (sent − receivedAt), so that a wrong clock cancels out; otherwise it is the time as it was sent. field is
// named if the corrected time is no time of an event.
func Sent(at int64, sent, receivedAt time.Time, field, sentField string) (Moment, *reject.Rejection) {
	skew, ok := skewOf(time.UnixMicro(at), sent, receivedAt)
	if !ok {
		return Moment{At: at, Source: event.TimeFromEvent, Uncorrected: true}, nil
	}
	at -= skew.Microseconds()
	if at < 0 || at >= value.MaxTime {
		return Moment{}, reject.New(reject.BadTime, field, "corrected by "+sentField+", the time is outside 1970 to 2200")
	}
	return Moment{At: at, Source: event.TimeFromSent}, nil
}

// skewOf returns how far the sender's clock is ahead. It cannot be determined
//   - from a time of sending before the event: a message is not sent before it happens, so the two are from different clocks;
//   - from one more than a day ago: a message that was delayed, replayed or imported looks like one from a slow clock;
//   - from one more than a day ahead, if the event is not ahead.
func skewOf(at, sent, received time.Time) (skew time.Duration, ok bool) {
	const tolerance = time.Duration(event.MaxAhead) * time.Microsecond
	skew = sent.Sub(received)
	switch {
	case sent.Before(at.Add(-tolerance)):
		return 0, false
	case skew < -maxSkew && !sent.Before(neverSet):
		return 0, false
	case skew > maxSkew && !at.After(received.Add(tolerance)):
		return 0, false
	}
	return skew, true
}

// Instant parses a time. One that cannot be parsed, or is outside the years of events, counts as missing.
func Instant(raw []byte) (time.Time, bool) {
	us, err := value.Time(value.RawText(raw))
	return time.UnixMicro(us).UTC(), err == nil
}

// UTC converts a time to microseconds as value.Time does, and takes a text without a zone as UTC, as the protocols of some SDKs say.
func UTC(v any) (int64, error) {
	text, ok := v.(string)
	if !ok {
		return value.Time(v)
	}
	t, err := value.ReadTime(text)
	if err != nil || !t.Clock {
		return value.Time(v)
	}
	return value.Time(t.At)
}

// Epoch converts a number of seconds or milliseconds since 1970, of which protocols take both, to microseconds. A text can be a time, too.
func Epoch(raw []byte) (int64, error) {
	if value.Kind(raw) == '"' {
		text := value.RawText(raw)
		if us, _, err := value.EpochTime(text); err == nil {
			return us, nil
		}
		return UTC(text)
	}
	us, _, err := value.EpochTime(value.RawText(raw))
	return us, err
}
