// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ga4

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/object"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

const orderCompleted = "Order Completed"

// canonical are the names in Segment's specs of the events that Google recommends or collects. Other events keep their name.
var canonical = map[string]string{
	"page_view": "Page Viewed", "screen_view": "Screen Viewed",
	"view_item_list": "Product List Viewed", "select_item": "Product Clicked", "view_item": "Product Viewed",
	"search": "Products Searched", "view_search_results": "Products Searched",
	"add_to_cart": "Product Added", "remove_from_cart": "Product Removed", "add_to_wishlist": "Product Added to Wishlist", "view_cart": "Cart Viewed",
	"begin_checkout": "Checkout Started", "add_shipping_info": "Checkout Step Completed", "add_payment_info": "Payment Info Entered",
	"purchase": orderCompleted, "ecommerce_purchase": orderCompleted, "refund": event.Refunded,
	"view_promotion": "Promotion Viewed", "select_promotion": "Promotion Clicked",
	"generate_lead": "Lead Generated", "sign_up": "Signed Up", "login": "Signed In",
	"first_open": "Application Installed", "app_update": "Application Updated", "app_remove": "Application Uninstalled",
	"notification_receive": "Push Notification Received", "notification_open": "Push Notification Tapped",
}

// technical are the events that Google's tags create so that sessions and engagement can be computed. Nobody does them.
var technical = map[string]bool{"session_start": true, "first_visit": true, "user_engagement": true}

// properties are the names in Segment's specs of the parameters of events. An empty name leaves a parameter out.
var properties = map[string]string{
	"transaction_id": "order_id", "items": "", "timestamp_micros": "", "page_location": "url", "page_title": "title", "page_referrer": "referrer",
	"search_term": "query", "screen_name": "screen", "ga_session_id": "session_id",
}

// campaign are the names of the parameters of campaign_details.
var campaign = map[string]string{"source": "campaign_source", "medium": "campaign_medium"}

// products are the names in Segment's specs of the parameters of items.
var products = map[string]string{
	"item_id": "product_id", "item_name": "name", "item_brand": "brand", "item_category": "category", "item_variant": "variant", "index": "position",
}

// builtIn returns the event with the meaning that Google's documentation gives it, or nil if it is technical.
func (h *hit) builtIn() (*event.Event, *reject.Rejection) {
	if h.name == "" {
		return nil, reject.New(reject.MissingEventName, "events.name", "an event needs the name of what happened")
	}
	if technical[h.name] {
		return nil, nil
	}
	e := &event.Event{Name: h.name}
	if name := canonical[h.name]; name != "" {
		e.Name = name
	}
	e.Initiator = semantic.InitiatorOf(e.Name)
	h.people(e)
	var o object.Object
	if h.name == "campaign_details" {
		var c object.Object
		c.Add(h.params, campaign)
		o.Add(c.JSON(), properties)
	} else {
		o.Add(h.params, properties)
	}
	o.Raw("products", object.List(value.Lookup(h.params, "items"), products))
	semantic.Campaign(&o, value.RawText(value.Lookup(h.params, "page_location")))
	return e, semantic.Describe(e, o.JSON(), "params", nil)
}

// people sets the identities, and the properties of the user as traits.
func (h *hit) people(e *event.Event) {
	for _, i := range []event.Identity{
		{Type: "customerId", Value: h.userID}, {Type: "anonymousId", Value: h.clientID}, {Type: "anonymousId", Value: h.appInstanceID},
	} {
		if i.Value != "" {
			e.Identities = append(e.Identities, i)
		}
	}
	e.Traits = h.traits()
}

// readTraits returns the properties of the user.
func (p *payload) readTraits() json.RawMessage {
	var traits object.Object
	for name, property := range value.Fields(p.userProperties) {
		traits.Raw(string(name), value.Lookup(property, "value"))
	}
	return traits.JSON()
}
