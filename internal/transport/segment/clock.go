// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// time returns the time of the message, corrected by sentAt. A message with its own receivedAt was already received and corrected by another system.
func (m *message) time(receivedAt time.Time) (clock.Moment, *reject.Rejection) {
	relayed, isRelayed := clock.Instant(m.receivedAt)
	field, raw := m.stamp(isRelayed)
	v := value.RawScalar(raw)
	if v == nil || v == "" {
		if k := value.Kind(raw); k != 0 && k != 'n' && k != '"' {
			return clock.Moment{}, reject.New(reject.BadTime, field, "the value must be an RFC 3339 text")
		}
		return clock.Receipt(receivedAt), nil
	}
	at, err := value.Time(v)
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, field, "the value "+err.Error())
	}
	sent, ok := clock.Instant(m.sentAt)
	switch {
	case !ok || isRelayed && field == "timestamp":
		return clock.Given(at), nil
	case isRelayed:
		receivedAt = relayed
	}
	return clock.Sent(at, sent, receivedAt, field, "sentAt")
}

// stamp returns the field with the time of the message, and its value. originalTimestamp is by the same clock as sentAt, so it is preferred, unless a
// relay has already corrected the timestamp.
func (m *message) stamp(isRelayed bool) (field string, raw []byte) {
	if value.Kind(m.originalTimestamp) == '"' && (!isRelayed || value.Kind(m.timestamp) != '"') {
		return "originalTimestamp", m.originalTimestamp
	}
	return "timestamp", m.timestamp
}
