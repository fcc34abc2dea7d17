// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// message is the raw parts of one call. The slices point into the body.
type message struct {
	raw []byte

	call, messageID, userID, anonymousID, previousID, groupID, event, name, category string

	timestamp, originalTimestamp, sentAt, receivedAt []byte
	context, traits, properties                      []byte
}

// decode returns the candidates of a body that is a valid JSON object.
func decode(body []byte, call string, receivedAt time.Time) (transport.Decoded, *reject.Rejection) {
	if call != batch {
		return transport.Decoded{Candidates: []transport.Candidate{candidate(body, call, nil, receivedAt)}}, nil
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
		return transport.Decoded{}, reject.New(reject.BadJSON, "batch", "a list of messages is expected")
	}
	messages, rejection := transport.Elements(list)
	if rejection != nil {
		return transport.Decoded{}, rejection
	}
	out := transport.Decoded{Candidates: make([]transport.Candidate, len(messages))}
	for i, m := range messages {
		out.Candidates[i] = candidate(m, "", sentAt, receivedAt)
	}
	return out, nil
}

func candidate(raw []byte, call string, batchSentAt []byte, receivedAt time.Time) transport.Candidate {
	if value.Kind(raw) != '{' {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "a message must be a JSON object")}
	}
	m := parse(raw)
	if call != "" {
		m.call = call
	}
	if m.sentAt == nil {
		m.sentAt = batchSentAt
	}
	if m.withheld() {
		return transport.Candidate{Withheld: true}
	}
	happened, rejection := m.time(receivedAt)
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: m.messageID, Time: happened.At, TimeSource: happened.Source, HasTime: true, Uncorrected: happened.Uncorrected,
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
	case "receivedAt":
		m.receivedAt = v
	case "context":
		m.context = v
	case "traits":
		m.traits = v
	case "properties":
		m.properties = v
	}
}

// delivery lists the fields that differ between deliveries of a message. They are not part of its content.
var delivery = []string{"sentAt", "receivedAt", "writeKey"}

// contentID identifies a message without messageId.
func contentID(raw []byte) (string, *reject.Rejection) {
	document, err := value.Decode(raw)
	if err != nil {
		return "", transport.NotJSON("")
	}
	fields, ok := document.(map[string]any)
	if !ok {
		return "", transport.NotJSON("")
	}
	for _, name := range delivery {
		delete(fields, name)
	}
	return transport.ContentID(fields)
}

// document returns the message for mapping rules. It has its type even if only the path contained it, and no write key.
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
