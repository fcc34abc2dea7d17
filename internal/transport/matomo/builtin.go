// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package matomo

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/form"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maker makes the event of a request.
type maker struct {
	f        form.Form
	currency string
	o        object.Object
}

// make returns the event with Matomo's meaning of the parameters, or nil if it is technical.
func (m *maker) make() (*event.Event, *reject.Rejection) {
	e := &event.Event{}
	if e.Name = m.name(); e.Name == "" {
		return nil, nil
	}
	if rejection := m.shop(); rejection != nil {
		return nil, rejection
	}
	for _, i := range []event.Identity{{Type: "customerId", Value: m.f["uid"]}, {Type: "anonymousId", Value: m.f.First("cid", "_id")}} {
		if i.Value != "" {
			e.Identities = append(e.Identities, i)
		}
	}
	m.page()
	return e, semantic.Describe(e, m.o.JSON(), "query", nil)
}

// technical are parameters of requests that no customer causes: heartbeats, crashes, the progress of videos, forms and recordings.
var technical = []string{"cra", "ma_id", "fa_vid", "hsr_vid"}

// name returns the name in Segment's specs of what happened, and adds what the request says about it; or an empty text if it is technical.
func (m *maker) name() string {
	if m.f["ping"] == "1" || m.f.First(technical...) != "" {
		return ""
	}
	switch f := m.f; {
	case f["idgoal"] == "0" && f["ec_id"] != "":
		return "Order Completed"
	case f["idgoal"] == "0":
		return "Cart Updated"
	case f["idgoal"] != "":
		m.o.Text("goal_id", f["idgoal"])
		return "Goal Converted"
	case value.Clean(f["e_a"]) != "":
		m.o.Text("category", f["e_c"])
		m.o.Text("label", f["e_n"])
		m.o.Number("value", f["e_v"])
		return value.Clean(f["e_a"])
	case f["search"] != "":
		m.o.Text("query", f["search"])
		m.o.Text("category", f["search_cat"])
		m.o.Number("results", f["search_count"])
		return "Products Searched"
	case f["download"] != "":
		m.o.Text("file", f["download"])
		return "File Downloaded"
	case f["link"] != "":
		m.o.Text("target", f["link"])
		return "Link Clicked"
	case f["c_n"] != "":
		return m.content()
	case f.First("_pks", "_pkn") != "":
		m.product()
		return "Product Viewed"
	case f["ca"] == "1":
		return ""
	}
	return "Page Viewed"
}

// content is a banner that was shown, or with which the customer interacted.
func (m *maker) content() string {
	m.o.Text("name", m.f["c_n"])
	m.o.Text("creative", m.f["c_p"])
	m.o.Text("target", m.f["c_t"])
	if m.f["c_i"] == "" {
		return "Promotion Viewed"
	}
	m.o.Text("interaction", m.f["c_i"])
	return "Promotion Clicked"
}

// product is the product of a page view.
func (m *maker) product() {
	var p object.Object
	p.Text("product_id", m.f["_pks"])
	p.Text("name", m.f["_pkn"])
	m.category(&p, m.f["_pkc"])
	p.Number("price", m.f["_pkp"])
	m.o.Raw("products", object.Join([]json.RawMessage{p.JSON()}))
}

// category adds a category, or several, which are sent as a JSON list.
func (m *maker) category(o *object.Object, text string) {
	if raw := []byte(strings.TrimSpace(text)); value.Kind(raw) == '[' && transport.CheckJSON(raw) == nil && json.Valid(raw) {
		o.Raw("category", raw)
		return
	}
	o.Text("category", text)
}

// shop adds the amounts and the products of an order, a cart or a goal.
func (m *maker) shop() *reject.Rejection {
	if m.f["idgoal"] == "" {
		return nil
	}
	amount := "total"
	if m.f["idgoal"] == "0" {
		m.o.Text("order_id", m.f["ec_id"])
		m.o.Number("subtotal", m.f["ec_st"])
		m.o.Number("tax", m.f["ec_tx"])
		m.o.Number("shipping", m.f["ec_sh"])
		m.o.Number("discount", m.f["ec_dt"])
	}
	if m.f["ec_id"] == "" {
		amount = "value"
	}
	m.o.Number(amount, m.f["revenue"])
	m.o.Text("currency", m.currency)
	return m.items()
}

// items adds the products: a list of lists with SKU, name, category, price and quantity.
func (m *maker) items() *reject.Rejection {
	raw := []byte(strings.TrimSpace(m.f["ec_items"]))
	if len(raw) == 0 {
		return nil
	}
	if rejection := transport.CheckJSON(raw); rejection != nil {
		rejection.Field = "ec_items"
		return rejection
	}
	if !json.Valid(raw) || value.Kind(raw) != '[' {
		return reject.New(reject.BadJSON, "ec_items", "a JSON list of products is expected")
	}
	var list []json.RawMessage
	for one := range value.Elements(raw) {
		var p object.Object
		i := 0
		for part := range value.Elements(one) {
			if names := [...]string{"product_id", "name", "category", "price", "quantity"}; i < len(names) && string(part) != `""` {
				if i >= 3 {
					p.Number(names[i], value.RawText(part))
				} else {
					p.Raw(names[i], part)
				}
			}
			i++
		}
		if product := p.JSON(); product != nil {
			list = append(list, product)
		}
	}
	m.o.Raw("products", object.Join(list))
	return nil
}

// page adds the page, custom dimensions and variables, and the campaign in the address of the page or of the visit.
func (m *maker) page() {
	m.o.Text("url", m.f["url"])
	m.o.Text("title", m.f["action_name"])
	m.o.Text("referrer", m.f["urlref"])
	m.o.Text("page_view_id", m.f["pv_id"])
	m.o.Text("site_id", m.f["idsite"])
	semantic.Campaign(&m.o, m.f["url"])
	m.o.Text("campaign", m.f["_rcn"])
	for _, name := range slices.Sorted(maps.Keys(m.f)) {
		if rest, ok := strings.CutPrefix(name, "dimension"); ok && rest != "" && strings.Trim(rest, "0123456789") == "" {
			m.o.Text(name, m.f[name])
		}
	}
	m.variables("cvar")
	m.variables("_cvar")
}

// variables adds custom variables: an object of lists with a name and a value.
func (m *maker) variables(parameter string) {
	raw := []byte(strings.TrimSpace(m.f[parameter]))
	if value.Kind(raw) != '{' || transport.CheckJSON(raw) != nil || !json.Valid(raw) {
		return
	}
	for _, pair := range value.Fields(raw) {
		var parts []string
		for part := range value.Elements(pair) {
			parts = append(parts, value.RawText(part))
		}
		if len(parts) == 2 && parts[0] != "" {
			m.o.Text(parts[0], parts[1])
		}
	}
}
