// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mixpanel

import (
	"cmp"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/clock"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// message is the raw parts of one event. The slices point into the body.
type message struct {
	event, insertID string
	// The ids of the person.
	distinctID, deviceID, userID, identifiedID, anonymousID, alias string

	time, properties, merged []byte
}

func candidate(raw []byte, path string, receivedAt time.Time) transport.Candidate {
	if value.Kind(raw) != '{' {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "every document must be a JSON object")}
	}
	c := transport.Candidate{
		ContentID: func() (string, *reject.Rejection) { return sdk.Content(raw, secret...) },
		Body:      func() (any, error) { return sdk.Without(raw, secret...) },
	}
	var at []byte
	var m *message
	field := "properties.time"
	switch path {
	case engage:
		at, field = value.Lookup(raw, "$time"), "$time"
		c.BuiltIn = func() (*event.Event, *reject.Rejection) { return profile(raw) }
	case groups:
		// What is known of a group says nothing of a person.
		c.BuiltIn = func() (*event.Event, *reject.Rejection) { return nil, nil }
	default:
		m = parse(raw)
		at, c.ID, c.BuiltIn = m.time, m.insertID, m.meaning
	}
	happened, rejection := moment(at, field, path == importPath, receivedAt)
	if rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	if c.ID != "" {
		c.Within = m.within(happened)
	}
	c.Time, c.TimeSource, c.HasTime = happened.At, happened.Source, true
	return c
}

// within returns what the insert id is unique within, as Mixpanel defines it: the name of the event, the person, and the day. An event without a time
// has no day of its own, and is the same one when it is sent again on another day.
func (m *message) within(happened clock.Moment) []string {
	day := ""
	if happened.Source != event.TimeFromReceipt {
		day = time.UnixMicro(happened.At).UTC().Format(time.DateOnly)
	}
	return []string{m.event, cmp.Or(m.distinctID, m.userID, devicePrefix+m.deviceID), day}
}

// moment returns the time of a document. An imported event happened at another time than that of its receipt, so it needs one.
func moment(at []byte, field string, imported bool, receivedAt time.Time) (clock.Moment, *reject.Rejection) {
	if k := value.Kind(at); k == 0 || k == 'n' {
		if imported {
			return clock.Moment{}, reject.New(reject.BadTime, field, "an imported event needs a time, in seconds or milliseconds since 1970")
		}
		return clock.Receipt(receivedAt), nil
	}
	us, err := clock.Epoch(at)
	if err != nil {
		return clock.Moment{}, reject.New(reject.BadTime, field, "the value "+err.Error())
	}
	return clock.Given(us), nil
}

func parse(raw []byte) *message {
	m := &message{}
	for k, v := range value.Fields(raw) {
		switch string(k) {
		case "event":
			m.event = value.Clean(value.RawText(v))
		case "properties":
			m.properties = v
		}
	}
	for k, v := range value.Fields(m.properties) {
		switch string(k) {
		case "$insert_id":
			m.insertID = value.Clean(value.RawText(v))
		case "time":
			m.time = v
		case "distinct_id":
			m.distinctID = value.RawText(v)
		case "$device_id":
			m.deviceID = value.RawText(v)
		case "$user_id":
			m.userID = value.RawText(v)
		default:
			m.ids(string(k), v)
		}
	}
	return m
}

// ids reads the ids of the events that join them.
func (m *message) ids(name string, v []byte) {
	switch name {
	case "$identified_id":
		m.identifiedID = value.RawText(v)
	case "$anon_distinct_id", "$anon_id":
		m.anonymousID = value.RawText(v)
	case "alias":
		m.alias = value.RawText(v)
	case "$distinct_ids":
		m.merged = v
	}
}
