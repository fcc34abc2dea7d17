// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package amplitude

import (
	"math/big"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/sdk"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// own are the beginnings of the names of events that Amplitude's SDKs create.
var own = []string{"$", "[Amplitude] ", "[Experiment] "}

// technical are the other ones.
var technical = map[string]bool{"session_start": true, "session_end": true}

// views are the events of Amplitude's SDKs that a customer causes.
var views = map[string]string{
	"[Amplitude] Page Viewed": sdk.PageViewed, "[Amplitude] Screen Viewed": sdk.ScreenViewed, "$identify": sdk.Identified,
}

// meaning returns the event with Amplitude's built-in meaning, or nil if it is technical, such as session_start, $groupidentify and
// [Amplitude] Element Clicked.
func (m *message) meaning() (*event.Event, *reject.Rejection) {
	e := &event.Event{Name: views[m.eventType]}
	switch {
	case m.eventType == "":
		return nil, reject.New(reject.MissingEventName, "event_type", "an event needs a type")
	case e.Name == "" && isTechnical(m.eventType):
		return nil, nil
	case e.Name == "":
		e.Name, e.Initiator = m.eventType, semantic.InitiatorOf(m.eventType)
	case e.Name == sdk.Identified:
		e.Kind, e.Initiator = event.Identify, event.Machine
	}
	m.people(e)
	if e.Kind == event.Identify {
		return e, nil
	}
	for k, v := range value.Fields(m.properties) {
		// The properties of the SDK's own event have a dollar sign. Others of the same name are the sender's.
		if len(k) > 0 && k[0] == '$' {
			m.take(string(k), v)
		}
	}
	properties := sdk.Properties(m.properties, property)
	if add := m.fields(); len(add) > 0 {
		if len(properties) == 0 {
			properties = []byte("{}")
		}
		properties = value.Rewrite(properties, func([]byte) bool { return false }, add)
	}
	if value.Kind(properties) != '{' {
		return e, nil
	}
	return e, semantic.Describe(e, properties, "event_properties", nil)
}

func isTechnical(name string) bool {
	for _, prefix := range own {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return technical[name]
}

// people adds the identities, traits and groups of the person.
func (m *message) people(e *event.Event) {
	sdk.Identity(e, sdk.Customer, m.userID)
	sdk.Identity(e, sdk.Anonymous, m.deviceID)
	sdk.Person(e, trait, m.user, value.Lookup(m.user, "$set"), value.Lookup(m.user, "$setOnce"))
	sdk.Groups(e, m.groups)
	e.SessionID = m.sessionID
}

// trait leaves out the operations on properties of a person. Only $set and $setOnce have a counterpart among traits.
func trait(name string) (string, bool) { return "", name != "" && name[0] == '$' }

// properties are the names here of the properties that Amplitude defines. Others with its mark, or with a dollar sign, are left out.
var properties = map[string]string{
	"[Amplitude] Page URL": "url", "[Amplitude] Page Location": "url", "[Amplitude] Page Path": "path", "[Amplitude] Page Title": "title",
	"[Amplitude] Screen Name": "screen", "referrer": "referrer",
}

func property(name string) (string, bool) {
	if to := sdk.Campaign[name]; to != "" {
		return to, true
	}
	if to, known := properties[name]; known {
		return to, true
	}
	return "", strings.HasPrefix(name, "$") || strings.HasPrefix(name, "[Amplitude] ")
}

// fields returns the purchase in the names of Segment's specs. If there is a price, the revenue is that of the quantity, whatever else was sent.
func (p *money) fields() []value.Field {
	if worth := product(p.price, p.quantity); worth != nil {
		p.revenue = worth
	}
	var out []value.Field
	for _, f := range []value.Field{
		{Name: "revenue", Raw: p.revenue}, {Name: "price", Raw: p.price}, {Name: "quantity", Raw: p.quantity}, {Name: "currency", Raw: p.currency},
		{Name: "product_id", Raw: p.product}, {Name: "revenue_type", Raw: p.revenueType},
	} {
		if k := value.Kind(f.Raw); k == '"' || k == '0' {
			out = append(out, f)
		}
	}
	return out
}

// product multiplies a price by a quantity, which is 1 if the sender sent none. It is exact to six decimal places, and nil if one is no number.
func product(price, quantity []byte) []byte {
	if quantity == nil {
		quantity = []byte("1")
	}
	a, err := value.Micros(value.RawScalar(price))
	if err != nil {
		return nil
	}
	b, err := value.Micros(value.RawScalar(quantity))
	if err != nil {
		return nil
	}
	worth := new(big.Rat).Mul(big.NewRat(a, event.MicroUnits), big.NewRat(b, event.MicroUnits)).FloatString(6)
	return []byte(strings.TrimSuffix(strings.TrimRight(worth, "0"), "."))
}
