// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Names of the events of calls without a name of their own.
const (
	pageViewed       = "Page Viewed"
	screenViewed     = "Screen Viewed"
	identified       = "Identified"
	groupJoined      = "Group Joined"
	identitiesMerged = "Identities Merged"
)

// fill creates the event with Segment's built-in meaning of the message.
func (m *message) fill(e *event.Event) *reject.Rejection {
	m.fromContext(e)
	add := m.campaign()
	switch m.call {
	case "track":
		if e.Name = value.Clean(m.event); e.Name == "" {
			return reject.New(reject.MissingEventName, "event", "a track call needs the name of what happened")
		}
		e.Initiator = semantic.InitiatorOf(e.Name)
	case "page":
		e.Name, add = pageViewed, m.named(add, "page")
	case "screen":
		e.Name, add = screenViewed, m.named(add, "screen")
	case "identify":
		e.Name, e.Kind, e.Initiator = identified, event.Identify, event.Machine
	case "group":
		e.Name, e.Kind, e.Initiator = groupJoined, event.Identify, event.Machine
		m.properties, m.traits = m.traits, nil
	case "alias":
		e.Name, e.Kind, e.Initiator = identitiesMerged, event.Alias, event.Machine
	default:
		return reject.New(reject.MappingError, "type", "the type of a message must be track, identify, page, screen, group or alias")
	}
	if r := m.people(e); r != nil {
		return r
	}
	if value.Kind(m.properties) == '{' || len(add) > 0 {
		return semantic.Describe(e, m.properties, "properties", add)
	}
	return nil
}

// named adds the name and category of a page or screen to the properties.
func (m *message) named(add []value.Field, what string) []value.Field {
	return append(add, textFields(what, m.name, "category", m.category)...)
}

func textFields(pairs ...string) []value.Field {
	var out []value.Field
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if raw, err := value.Encode(pairs[i+1]); err == nil {
			out = append(out, value.Field{Name: pairs[i], Raw: raw})
		}
	}
	return out
}

// campaign returns the campaign of the visit as properties, by which ad touchpoints are matched.
func (m *message) campaign() []value.Field {
	c := value.Lookup(m.context, "campaign")
	if c == nil {
		return nil
	}
	text := func(name string) string { return value.RawText(value.Lookup(c, name)) }
	return textFields("campaign", text("name"), "campaign_source", text("source"), "campaign_medium", text("medium"))
}

// fromContext uses what the context contains about the visit, without addresses and user agents.
func (m *message) fromContext(e *event.Event) {
	for k, v := range value.Fields(m.context) {
		switch string(k) {
		case "channel":
			e.Channel = value.RawText(v)
		case "sessionId":
			e.SessionID = value.RawText(v)
		case "groupId":
			if m.groupID == "" {
				m.groupID = value.RawText(v)
			}
		case "device":
			m.identity(e, "deviceId", value.RawText(value.Lookup(v, "id")))
		case "traits":
			if m.traits == nil && m.call != "group" {
				m.traits = v
			} else {
				m.traitIdentities(e, v)
			}
		case "externalIds":
			m.externalIDs(e, v)
		}
	}
}

func (m *message) identity(e *event.Event, typ, v string) {
	if v != "" {
		e.Identities = append(e.Identities, event.Identity{Type: typ, Value: v})
	}
}

// people reads the identities and traits of the message.
func (m *message) people(e *event.Event) *reject.Rejection {
	m.identity(e, "customerId", m.userID)
	m.identity(e, "anonymousId", m.anonymousID)
	if m.call == "alias" {
		m.identity(e, m.previousType(), m.previousID)
	}
	for range value.Fields(m.traits) {
		e.Traits = json.RawMessage(m.traits)
		m.traitIdentities(e, m.traits)
		break
	}
	if m.groupID != "" {
		groups, err := value.Encode(map[string]string{"group": m.groupID})
		if err != nil {
			return reject.New(reject.BadJSON, "groupId", "the value cannot be written as JSON")
		}
		e.Groups = groups
	}
	return nil
}

// previousType returns the type of the id that an alias replaces. Browser SDKs also send the anonymous id, so a different previousId is that of a
// customer. All others are treated as anonymous, because a wrong customer id would join strangers.
func (m *message) previousType() string {
	if m.anonymousID != "" && m.anonymousID != m.previousID {
		return "customerId"
	}
	return "anonymousId"
}

func (m *message) traitIdentities(e *event.Event, traits []byte) {
	for k, v := range value.Fields(traits) {
		switch string(k) {
		case "email":
			m.identity(e, privacy.Email, value.RawText(v))
		case "phone":
			m.identity(e, privacy.Phone, value.RawText(v))
		case "loyaltyId", "loyalty_id":
			m.identity(e, "loyaltyId", value.RawText(v))
		}
	}
}

// externalTypes are the types of externalIds that are identities here. Other user ids are not: two customerIds on one event would be two people.
var externalTypes = map[string]string{
	"email": privacy.Email, "phone": privacy.Phone,
	"anonymous_id": "anonymousId", "device_id": "deviceId", "loyalty_id": "loyaltyId",
}

func (m *message) externalIDs(e *event.Event, list []byte) {
	for x := range value.Elements(list) {
		if typ := externalTypes[value.RawText(value.Lookup(x, "type"))]; typ != "" {
			m.identity(e, typ, value.RawText(value.Lookup(x, "id")))
		}
	}
}
