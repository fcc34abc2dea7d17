// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maker makes the event of a hit.
type maker struct {
	*hit
	f form.Form
	e event.Event
	// o has the properties.
	o object.Object
	// shop has the entities of the e-commerce plugin.
	shop shop
	// session, device and guest are from the entities of the context.
	sessionID, sessionUser, deviceID string
}

func (m *maker) make() (*event.Event, *reject.Rejection) {
	m.context()
	if rejection := m.name(); rejection != nil || m.e.Name == "" {
		return nil, rejection
	}
	if m.e.Initiator == event.Customer {
		m.e.Initiator = semantic.InitiatorOf(m.e.Name)
	}
	m.people()
	m.page()
	return &m.e, semantic.Describe(&m.e, m.o.JSON(), "data", nil)
}

// name sets the name of the event and its own properties. It leaves the name empty if the event is technical.
func (m *maker) name() *reject.Rejection {
	switch m.head["e"] {
	case "pv":
		m.e.Name = "Page Viewed"
	case "se":
		return m.structured()
	case "ue":
		return m.selfDescribing()
	case "tr":
		m.e.Name = "Order Completed"
		transaction(&m.o, m.f)
		m.o.Raw("products", object.Join(m.items))
	case "ti":
		m.e.Name, m.e.Initiator = "transaction_item", event.Machine
		m.o.Text("order_id", m.f["ti_id"])
		m.o.Raw("products", object.Join(append(m.items, item(m.f))))
	default:
		return reject.New(reject.MappingError, "e", "the type of an event must be pv, pp, se, ue, tr or ti")
	}
	return nil
}

// structured makes an event of a category and an action. The action is its name.
func (m *maker) structured() *reject.Rejection {
	if m.e.Name = value.Clean(m.f["se_ac"]); m.e.Name == "" {
		return reject.New(reject.MissingEventName, "se_ac", "a structured event needs the name of its action")
	}
	m.o.Text("category", m.f["se_ca"])
	m.o.Text("label", m.f["se_la"])
	m.o.Text("property", m.f["se_pr"])
	m.o.Number("value", m.f["se_va"])
	return nil
}

// selfDescribing makes an event of a schema and its data.
func (m *maker) selfDescribing() *reject.Rejection {
	vendor, name := schema(m.happened)
	data := value.Lookup(m.happened, "data")
	switch {
	case name == "":
		return reject.New(reject.MissingEventName, "ue_px", "a self-describing event needs a schema, which is its name")
	case vendor == ecommerce:
		return m.action(name, data)
	case isOurs(vendor) && technical[name]:
		return nil
	case isOurs(vendor) && canonical[name] != "":
		m.e.Name = canonical[name]
		m.o.Add(data, renamed[name])
	default:
		m.e.Name = name
		m.o.Add(data, nil)
	}
	return nil
}

// renamed are the names in Segment's specs of the fields of Snowplow's own events.
var renamed = map[string]map[string]string{
	"screen_view":      {"name": "screen"},
	"site_search":      {"terms": "query"},
	"add_to_cart":      {"sku": "product_id", "unitPrice": "price", "unit_price": "price"},
	"remove_from_cart": {"sku": "product_id", "unitPrice": "price", "unit_price": "price"},
}

// people adds the identities. The id of a session entity identifies the same browser or installation as duid.
func (m *maker) people() {
	add := func(typ, v string) {
		if v != "" {
			m.e.Identities = append(m.e.Identities, event.Identity{Type: typ, Value: v})
		}
	}
	add("customerId", or(m.f["uid"], m.shop.customerID))
	add("email", m.shop.email)
	add("anonymousId", or(m.f["duid"], m.sessionUser))
	add("deviceId", m.deviceID)
	add("networkUserId", or(m.f.First("tnuid", "nuid"), m.networkUserID))
	m.e.SessionID = or(m.f["sid"], m.sessionID)
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

// page adds the page on which the event happened, and the campaign in its address.
func (m *maker) page() {
	m.o.Text("url", m.f["url"])
	m.o.Text("title", m.f["page"])
	m.o.Text("referrer", m.f["refr"])
	m.o.Text("app_id", m.f["aid"])
	semantic.Campaign(&m.o, m.f["url"])
}
