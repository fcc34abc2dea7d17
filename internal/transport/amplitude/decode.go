// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amplitude

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// message is the raw parts of one event. The slices point into the body.
type message struct {
	eventType, insertID, userID, deviceID, sessionID string

	time, properties, user, groups []byte
	money
}

// money is what an event says about a purchase, next to its properties or among them.
type money struct{ revenue, price, quantity, currency, product, revenueType []byte }

func (u *upload) candidate(raw []byte) transport.Candidate {
	if value.Kind(raw) != '{' {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "an event must be a JSON object")}
	}
	m := parse(raw)
	if u.eventType != "" {
		m.eventType = u.eventType
	}
	at, rejection := u.time(m)
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	return transport.Candidate{
		ID: m.insertID, Within: m.within(), Time: at.At, TimeSource: at.Source, HasTime: true, Uncorrected: at.Uncorrected,
		ContentID: func() (string, *reject.Rejection) { return sdk.Content(raw, "api_key", "client_upload_time") },
		Body:      func() (any, error) { return m.document(raw) },
		BuiltIn:   func() (*event.Event, *reject.Rejection) { return m.meaning() },
	}
}

// within returns what the insert id is unique within, as Amplitude defines it: the device. A server that sends no device gets one of the user.
func (m *message) within() []string {
	if m.deviceID == "" {
		return []string{"user", m.userID}
	}
	return []string{"device", m.deviceID}
}

// document returns the event for mapping rules. It has its type even if only the path contained it.
func (m *message) document(raw []byte) (any, error) {
	document, err := sdk.Without(raw, "api_key")
	if err != nil {
		return nil, err
	}
	if m.eventType != "" {
		document["event_type"] = m.eventType
	}
	return document, nil
}

func parse(raw []byte) *message {
	m := &message{}
	for k, v := range value.Fields(raw) {
		switch string(k) {
		case "event_type":
			m.eventType = value.Clean(value.RawText(v))
		case "insert_id":
			m.insertID = value.Clean(value.RawText(v))
		case "user_id":
			m.userID = value.RawText(v)
		case "device_id":
			m.deviceID = value.RawText(v)
		case "session_id":
			m.sessionID = value.RawText(v)
		case "time":
			m.time = v
		case "event_properties":
			m.properties = v
		case "user_properties":
			m.user = v
		case "groups":
			m.groups = v
		default:
			m.take(string(k), v)
		}
	}
	// -1 is an event that belongs to no session.
	if m.sessionID == "-1" {
		m.sessionID = ""
	}
	return m
}

func (p *money) take(name string, v []byte) {
	switch name {
	case "revenue", "$revenue":
		p.revenue = v
	case "price", "$price":
		p.price = v
	case "quantity", "$quantity":
		p.quantity = v
	case "currency", "$currency":
		p.currency = v
	case "productId", "$productId":
		p.product = v
	case "revenueType", "revenue_type", "$revenueType":
		p.revenueType = v
	}
}

func (u *upload) time(m *message) (clock.Moment, *reject.Rejection) {
	if k := value.Kind(m.time); k == 0 || k == 'n' {
		return clock.Receipt(u.receivedAt), nil
	}
	at, err := clock.Epoch(m.time)
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, "time", "the value "+err.Error())
	}
	if !u.hasSent {
		return clock.Given(at), nil
	}
	return clock.Sent(at, u.sent, u.receivedAt, "time", "client_upload_time")
}
