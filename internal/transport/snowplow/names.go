// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snowplow

import (
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Vendors of schemas.
const (
	ours      = "com.snowplowanalytics.snowplow"
	ecommerce = "com.snowplowanalytics.snowplow.ecommerce"
)

// canonical are the names in Segment's specs of Snowplow's own events. Other events have the name of their schema.
var canonical = map[string]string{
	"screen_view": "Screen Viewed", "site_search": "Products Searched", "link_click": "Link Clicked", "submit_form": "Form Submitted",
	"add_to_cart": "Product Added", "remove_from_cart": "Product Removed",
	"application_install": "Application Installed", "application_foreground": "Application Opened", "application_background": "Application Backgrounded",
	"deep_link_received": "Deep Link Opened", "message_notification": "Push Notification Received",
}

// actions are the names in Segment's specs of the types of e-commerce actions.
var actions = map[string]string{
	"product_view": "Product Viewed", "list_view": "Product List Viewed", "list_click": "Product Clicked",
	"add_to_cart": "Product Added", "remove_from_cart": "Product Removed", "checkout_step": "Checkout Step Completed",
	"transaction": "Order Completed", "refund": event.Refunded, "promo_view": "Promotion Viewed", "promo_click": "Promotion Clicked",
}

// technical are Snowplow's events that no customer does: heartbeats, timings, fields of forms that were only touched, and errors.
var technical = map[string]bool{
	"page_ping": true, "screen_end": true, "focus_form": true, "change_form": true, "timing": true, "performance_timing": true, "web_vitals": true,
	"application_error": true, "diagnostic_error": true, "ping_event": true, "percent_progress_event": true,
}

// isOurs reports whether a schema is one of Snowplow's.
func isOurs(vendor string) bool { return strings.HasPrefix(vendor, "com.snowplowanalytics.") }

// automatic are the vendors of the entities that trackers and enrichments attach to each event. They are not stored.
var automatic = []string{"com.snowplowanalytics.", "org.w3", "org.ietf", "com.google.", "nl.basjes", "com.android", "com.apple"}

func isAutomatic(vendor string) bool {
	for _, prefix := range automatic {
		if strings.HasPrefix(vendor, prefix) {
			return true
		}
	}
	return false
}
