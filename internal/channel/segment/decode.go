// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/channel"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// message is one call in its raw parts. The slices point into the body.
type message struct {
	raw []byte

	call, messageID, userID, anonymousID, previousID, groupID, event, name, category string

	timestamp, originalTimestamp, sentAt []byte
	context, traits, properties          []byte
}

// decode gives the candidates of a body that is a valid JSON object.
func decode(body []byte, call string, receivedAt time.Time) (channel.Decoded, *reject.Rejection) {
	if call != batch {
		return channel.Decoded{Candidates: []channel.Candidate{candidate(body, call, nil, receivedAt)}}, nil
	}
	var list, sentAt []byte
	for k, v := range value.Fields(body) {
		switch string(k) {
		case "batch":
			list = v
		case "sentAt":
			sentAt = v
		}
	}
	if value.Kind(list) != '[' {
		return channel.Decoded{}, reject.New(reject.BadJSON, "batch", "a list of messages is expected")
	}
	messages, rejection := channel.Elements(list)
	if rejection != nil {
		return channel.Decoded{}, rejection
	}
	out := channel.Decoded{Candidates: make([]channel.Candidate, len(messages))}
	for i, m := range messages {
		out.Candidates[i] = candidate(m, "", sentAt, receivedAt)
	}
	return out, nil
}

func candidate(raw []byte, call string, batchSentAt []byte, receivedAt time.Time) channel.Candidate {
	if value.Kind(raw) != '{' {
		return channel.Candidate{Rejection: reject.New(reject.BadJSON, "", "a message has to be a JSON object")}
	}
	m := parse(raw)
	if call != "" {
		m.call = call
	}
	if m.sentAt == nil {
		m.sentAt = batchSentAt
	}
	at, source, rejection := m.time(receivedAt)
	if rejection != nil {
		return channel.Candidate{Rejection: rejection}
	}
	return channel.Candidate{
		ID: m.messageID, Time: at, TimeSource: source,
		ContentID: func() (string, *reject.Rejection) { return contentID(raw) },
		Body:      func() (any, error) { return m.document() },
		BuiltIn: func() (*event.Event, *reject.Rejection) {
			e := event.Event{}
			return &e, m.fill(&e)
		},
	}
}

func parse(raw []byte) *message {
	m := &message{raw: raw}
	for k, v := range value.Fields(raw) {
		switch string(k) {
		case "type":
			m.call = value.RawText(v)
		case "messageId":
			m.messageID = value.Clean(value.RawText(v))
		case "userId":
			m.userID = value.RawText(v)
		case "anonymousId":
			m.anonymousID = value.RawText(v)
		case "previousId":
			m.previousID = value.RawText(v)
		case "groupId":
			m.groupID = value.RawText(v)
		case "event":
			m.event = value.RawText(v)
		case "name":
			m.name = value.RawText(v)
		case "category":
			m.category = value.RawText(v)
		default:
			m.nested(string(k), v)
		}
	}
	return m
}

func (m *message) nested(name string, v []byte) {
	switch name {
	case "timestamp":
		m.timestamp = v
	case "originalTimestamp":
		m.originalTimestamp = v
	case "sentAt":
		m.sentAt = v
	case "context":
		m.context = v
	case "traits":
		m.traits = v
	case "properties":
		m.properties = v
	}
}

// delivery are the fields that differ from one delivery of a message to the next, so they are no part of its content.
var delivery = []string{"sentAt", "receivedAt", "writeKey"}

// contentID identifies a message that has no messageId.
func contentID(raw []byte) (string, *reject.Rejection) {
	document, err := value.Decode(raw)
	if err != nil {
		return "", channel.NotJSON("")
	}
	fields, ok := document.(map[string]any)
	if !ok {
		return "", channel.NotJSON("")
	}
	for _, name := range delivery {
		delete(fields, name)
	}
	return channel.ContentID(fields)
}

// document is the message for mapping rules, with its type also where only the path told it, and without the write key.
func (m *message) document() (any, error) {
	document, err := value.Decode(m.raw)
	if err != nil {
		return nil, err
	}
	if fields, ok := document.(map[string]any); ok {
		delete(fields, "writeKey")
		fields["type"] = m.call
	}
	return document, nil
}

// sent is when the sender says that it sent the message; a time that cannot be read counts as none.
func (m *message) sent() (time.Time, bool) {
	t, err := value.ParseTime(value.RawText(m.sentAt))
	return t, err == nil
}

// time gives when the message happened: timestamp − (sentAt − receivedAt), so that a wrong clock of the sender cancels out.
func (m *message) time(receivedAt time.Time) (int64, event.TimeSource, *reject.Rejection) {
	field, raw := "timestamp", m.timestamp
	if value.Kind(m.originalTimestamp) == '"' {
		field, raw = "originalTimestamp", m.originalTimestamp
	}
	v := value.RawScalar(raw)
	if v == nil || v == "" {
		if k := value.Kind(raw); k != 0 && k != 'n' && k != '"' {
			return 0, 0, reject.New(reject.BadTime, field, "the value has to be an RFC 3339 text")
		}
		return receivedAt.UnixMicro(), event.TimeFromReceipt, nil
	}
	at, err := value.Time(v)
	if err != nil {
		return 0, 0, reject.New(reject.BadTime, field, "the value "+err.Error())
	}
	sent, ok := m.sent()
	if !ok {
		return at, event.TimeFromEvent, nil
	}
	at -= sent.UnixMicro() - receivedAt.UnixMicro()
	if at < 0 || at >= value.MaxTime {
		return 0, 0, reject.New(reject.BadTime, field, "corrected by sentAt, the time lies outside 1970 to 2200")
	}
	return at, event.TimeFromSent, nil
}
