// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxSkew is the clock error up to which sentAt alone corrects it: enough for a wrong time zone, and for a date that is a day off.
const maxSkew = 24 * time.Hour

// neverSet is before the protocol existed: an earlier sentAt is that of a clock that was never set, not of a delayed message.
var neverSet = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)

// moment is the time of a message.
type moment struct {
	// at is the time in microseconds, and source its origin.
	at     int64
	source event.TimeSource
	// uncorrected is set if there was a sentAt that could not correct the time.
	uncorrected bool
}

// time returns the time of the message. If sentAt reveals the clock error, it is timestamp − (sentAt − receivedAt), so that a wrong clock of the
// sender cancels out; otherwise it is the timestamp as it was sent. A message with its own receivedAt was already received and corrected by another
// system.
func (m *message) time(receivedAt time.Time) (moment, *reject.Rejection) {
	relayed, isRelayed := instant(m.receivedAt)
	field, raw := m.stamp(isRelayed)
	v := value.RawScalar(raw)
	if v == nil || v == "" {
		if k := value.Kind(raw); k != 0 && k != 'n' && k != '"' {
			return moment{}, reject.New(reject.BadTime, field, "the value must be an RFC 3339 text")
		}
		return moment{at: receivedAt.UnixMicro(), source: event.TimeFromReceipt}, nil
	}
	at, err := value.Time(v)
	if err != nil {
		return moment{}, reject.New(reject.BadTime, field, "the value "+err.Error())
	}
	sent, ok := instant(m.sentAt)
	switch {
	case !ok || isRelayed && field == "timestamp":
		return moment{at: at, source: event.TimeFromEvent}, nil
	case isRelayed:
		receivedAt = relayed
	}
	skew, ok := skewOf(time.UnixMicro(at), sent, receivedAt)
	if !ok {
		return moment{at: at, source: event.TimeFromEvent, uncorrected: true}, nil
	}
	at -= skew.Microseconds()
	if at < 0 || at >= value.MaxTime {
		return moment{}, reject.New(reject.BadTime, field, "corrected by sentAt, the time is outside 1970 to 2200")
	}
	return moment{at: at, source: event.TimeFromSent}, nil
}

// stamp returns the field with the time of the message, and its value. originalTimestamp is by the same clock as sentAt, so it is preferred, unless a
// relay has already corrected the timestamp.
func (m *message) stamp(isRelayed bool) (field string, raw []byte) {
	if value.Kind(m.originalTimestamp) == '"' && (!isRelayed || value.Kind(m.timestamp) != '"') {
		return "originalTimestamp", m.originalTimestamp
	}
	return "timestamp", m.timestamp
}

// skewOf returns how far the sender's clock is ahead. It cannot be determined
//   - from a sentAt before the event: a message is not sent before it happens, so the two are from different clocks;
//   - from a sentAt more than a day ago: a message that was delayed, replayed or imported looks like one from a slow clock;
//   - from a sentAt more than a day ahead, if the event is not ahead.
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

// instant parses a time. One that cannot be parsed, or is outside the years of events, counts as missing.
func instant(raw []byte) (time.Time, bool) {
	us, err := value.Time(value.RawText(raw))
	return time.UnixMicro(us).UTC(), err == nil
}
