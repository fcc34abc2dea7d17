// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sdk

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Types of identities.
const (
	Customer  = "customerId"
	Anonymous = "anonymousId"
	Loyalty   = "loyaltyId"
)

// Names of the events that protocols have names of their own for.
const (
	PageViewed       = "Page Viewed"
	ScreenViewed     = "Screen Viewed"
	Identified       = "Identified"
	GroupJoined      = "Group Joined"
	IdentitiesMerged = "Identities Merged"
)

// tooMany is a number of identities with which an event is refused, so further ones need not be compared.
const tooMany = 17

// Identity adds an identity, if it has a value that the event does not have under this type.
func Identity(e *event.Event, typ, v string) {
	if v == "" || len(e.Identities) >= tooMany {
		return
	}
	for _, i := range e.Identities {
		if i.Type == typ && i.Value == v {
			return
		}
	}
	e.Identities = append(e.Identities, event.Identity{Type: typ, Value: v})
}

// Rename returns the name of a property of a protocol here. A reserved one without a name is left out.
type Rename func(name string) (to string, reserved bool)

// Properties returns the object with the names of properties here, or nil if none is left. A name that the sender chose is preferred to the same one of
// the protocol.
func Properties(raw []byte, rename Rename) json.RawMessage {
	var add []value.Field
	for k, v := range value.Fields(raw) {
		if to, reserved := rename(string(k)); reserved && to != "" && value.Kind(v) != 'n' {
			add = appendOnce(add, value.Field{Name: to, Raw: v})
		}
	}
	return value.Rewrite(raw, func(name []byte) bool {
		_, reserved := rename(string(name))
		return reserved
	}, add)
}

func appendOnce(list []value.Field, f value.Field) []value.Field {
	for _, other := range list {
		if other.Name == f.Name {
			return list
		}
	}
	return append(list, f)
}

// Person adds the properties of a person: traits, of which the first with a name counts, and the identities among them.
func Person(e *event.Event, rename Rename, objects ...[]byte) {
	var traits json.RawMessage
	for _, raw := range objects {
		if value.Kind(raw) != '{' {
			continue
		}
		own := Properties(raw, rename)
		for k, v := range value.Fields(own) {
			if typ := identityOf[string(k)]; typ != "" {
				Identity(e, typ, value.RawText(v))
			}
		}
		switch {
		case len(traits) == 0:
			traits = own
		case len(own) > 0:
			traits = with(traits, own)
		}
	}
	e.Traits = traits
}

// with returns the object with the further fields of another one. Both are written by Properties. It takes time in proportion to their sizes, because
// senders choose them.
func with(object, other json.RawMessage) json.RawMessage {
	known := map[string]bool{}
	for k := range value.Fields(object) {
		known[string(k)] = true
	}
	rest := value.Rewrite(other, func(name []byte) bool { return known[string(name)] }, nil)
	if len(rest) == 0 {
		return object
	}
	return append(append(object[:len(object)-1], ','), rest[1:]...)
}

// identityOf maps properties of a person to identities.
var identityOf = map[string]string{
	"email": privacy.Email, "phone": privacy.Phone, "loyaltyId": Loyalty, "loyalty_id": Loyalty,
}

// Groups sets the groups of the person: an object of texts, numbers, or lists of them, of which the first counts.
func Groups(e *event.Event, raw []byte) {
	groups := map[string]string{}
	for k, v := range value.Fields(raw) {
		for first := range value.Elements(v) {
			v = first
			break
		}
		if id := value.RawText(v); id != "" {
			groups[string(k)] = id
		}
	}
	if len(groups) == 0 {
		return
	}
	if encoded, err := value.Encode(groups); err == nil {
		e.Groups = encoded
	}
}

// Campaign maps the parameters of a landing page to the properties by which ad touchpoints are matched.
var Campaign = map[string]string{
	"utm_campaign": "campaign", "utm_source": "campaign_source", "utm_medium": "campaign_medium", "utm_term": "campaign_term", "utm_content": "campaign_content",
}
