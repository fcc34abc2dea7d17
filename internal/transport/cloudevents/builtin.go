// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudevents

import (
	"encoding/json"

	ce "github.com/cloudevents/sdk-go/v2/event"
	"github.com/cloudevents/sdk-go/v2/types"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// identityFields are the fields of the data with identities, by type and in order of priority.
var identityFields = []struct {
	typ    string
	fields []string
}{
	{"customerId", []string{"customerId", "customer_id", "userId", "user_id"}},
	{"loyaltyId", []string{"loyaltyId", "loyalty_id"}},
	{privacy.Email, []string{"email"}},
	{privacy.Phone, []string{"phone"}},
	{"deviceId", []string{"deviceId", "device_id"}},
	{"anonymousId", []string{"anonymousId", "anonymous_id"}},
}

// identityExtensions are the extension attributes with identities. Names of attributes have no capitals.
var identityExtensions = map[string]string{
	"customerid": "customerId", "loyaltyid": "loyaltyId", "email": privacy.Email, "phone": privacy.Phone,
	"deviceid": "deviceId", "anonymousid": "anonymousId",
}

var initiators = map[string]event.Initiator{"customer": event.Customer, "brand": event.Brand, "system": event.Machine}

// builtIn uses the type as the name, identities from extension attributes and from well-known fields of the data, and the rest of the data as properties.
func builtIn(c *ce.Event) (*event.Event, *reject.Rejection) {
	e := &event.Event{Name: value.Clean(c.Type())}
	e.Initiator = semantic.InitiatorOf(e.Name)
	if r := fromExtensions(e, c); r != nil {
		return nil, r
	}
	data := c.Data()
	if !isJSON(c) || len(data) == 0 {
		return e, nil
	}
	if r := rejectUnlessJSON(data); r != nil {
		r.Field = "data"
		return nil, r
	}
	taken := identities(e, data)
	if traits := value.Lookup(data, "traits"); value.Kind(traits) == '{' {
		e.Traits, taken["traits"] = json.RawMessage(traits), true
	}
	rest := value.Rewrite(data, func(name []byte) bool { return taken[string(name)] }, nil)
	return e, semantic.Describe(e, rest, "data", nil)
}

func fromExtensions(e *event.Event, c *ce.Event) *reject.Rejection {
	for name, v := range c.Extensions() {
		s, ok := value.Text(extension(v))
		if !ok {
			continue
		}
		switch name {
		case "channel":
			e.Channel = s
		case "sessionid":
			e.SessionID = s
		case "initiator":
			if e.Initiator, ok = initiators[s]; !ok {
				return reject.New(reject.MappingError, "initiator", "the value must be customer, brand or system")
			}
		}
		if typ := identityExtensions[name]; typ != "" {
			e.Identities = append(e.Identities, event.Identity{Type: typ, Value: s})
		}
	}
	return nil
}

// identities adds the identities of the data and returns their fields.
func identities(e *event.Event, data []byte) map[string]bool {
	taken := map[string]bool{}
	found := map[string]string{}
	for k, v := range value.Fields(data) {
		if s := value.RawText(v); s != "" {
			found[string(k)] = s
		}
	}
	for _, i := range identityFields {
		first := true
		for _, f := range i.fields {
			v, ok := found[f]
			if !ok {
				continue
			}
			taken[f] = true
			if first && !has(e, i.typ) {
				e.Identities = append(e.Identities, event.Identity{Type: i.typ, Value: v})
			}
			first = false
		}
	}
	return taken
}

// has reports whether an extension attribute already contained an identity of the type.
func has(e *event.Event, typ string) bool {
	for _, i := range e.Identities {
		if i.Type == typ {
			return true
		}
	}
	return false
}

// extension returns the value of an extension attribute as a plain Go value.
func extension(v any) any {
	switch v := v.(type) {
	case string, bool, int64:
		return v
	case int32:
		return int64(v)
	}
	s, err := types.Format(v)
	if err != nil {
		return nil
	}
	return s
}
