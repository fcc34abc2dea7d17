// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"strings"
	"unicode"
)

// distinctID is the column of Mixpanel and PostHog that holds the id of the customer once it is known, and the id of a device before.
const distinctID = "distinct_id"

// known lists, for each column of the plain form, the names that tools use in their exports, in order of priority. The comparison ignores case,
// blanks, underscores and dashes.
var known = []struct {
	column string
	names  []string
}{
	{"event", []string{"event", "event_text", "event_name", "event_type", "activity", "action"}}, // event_text: Segment's warehouses; event_type: Amplitude
	{"time", []string{"time", "timestamp", "event_time", "event_timestamp", "event_datetime", "client_event_time", "occurred_at", "event_at",
		"original_timestamp", "datetime", "date_time", "ts", "time_utc", "timestamp_utc", "datetime_utc", "event_time_utc",
		"derived_tstamp", "collector_tstamp", "created_at_utc", "created_utc", "created_at", "created", "date", "event_date",
		"received_at", "sent_at"}},
	{"id", []string{"id", "event_id", "message_id", "$insert_id", "insert_id", "mp_insert_id", "uuid"}},
	{"customerId", []string{"customer_id", "user_id", "$user_id", "customer", "user", "customer_number", "customer_no", "member_id",
		"contact_id", "subscriber_id"}},
	{"loyaltyId", []string{"loyalty_id", "loyalty_number", "loyalty_card", "loyalty_card_number"}},
	{"email", []string{"email", "email_address", "$email", "mail", "user_email", "customer_email"}},
	{"phone", []string{"phone", "phone_number", "$phone", "mobile", "mobile_number", "msisdn", "telephone", "customer_phone"}},
	{"deviceId", []string{"device_id", "idfa", "idfv", "gaid", "advertising_id"}},
	{"anonymousId", []string{"anonymous_id", "$device_id", "user_pseudo_id", "anon_id", "$anon_distinct_id", "visitor_id", "visitor",
		"client_id", "cookie_id", "domain_userid"}},
	{distinctID, []string{"distinct_id", "mp_distinct_id"}},
	{"sessionId", []string{"session_id", "$session_id", "session", "ga_session_id", "visit_id"}},
	{"orderId", []string{"order_id", "order_number", "order_no", "transaction_id", "invoice_no", "invoice_number", "invoice_id", "order"}},
	{"amount", []string{"amount", "revenue", "$revenue", "total", "order_total", "total_price", "total_revenue"}},
	{"currency", []string{"currency", "currency_code", "currency_iso_code", "presentment_currency"}},
	{"channel", []string{"channel"}},
	{"kind", []string{"kind"}},
	{"initiator", []string{"initiator"}},
	{"source", []string{"source"}},
	{"properties", []string{"properties", "event_properties"}},
	{"traits", []string{"traits", "user_properties", "person_properties"}},
	{"groups", []string{"groups"}},
	{"identities", []string{"identities"}},
}

// meaning is the column of the plain form for a name, and the priority of the name; lower is better.
type meaning struct {
	column string
	rank   int
}

var meanings = func() map[string]meaning {
	m := map[string]meaning{}
	for _, k := range known {
		for i, name := range k.names {
			m[simple(name)] = meaning{column: k.column, rank: i + 1}
		}
	}
	return m
}()

// meaningOf returns the meaning of a name, or the zero value if it is unknown. The name of the plain form itself has the highest priority.
func meaningOf(name string) meaning {
	m := meanings[simple(name)]
	switch {
	case name == m.column:
		m.rank = 0
	case simple(name) == "eventtext": // Next to event_text, "event" is the name of a table.
		m.rank = -1
	}
	return m
}

// simple normalises a name: it removes differences in spelling, and the endings of abbreviations such as "Customer no.".
func simple(name string) string {
	name = strings.TrimRight(strings.TrimSpace(name), ".:")
	return strings.Map(func(c rune) rune {
		if c == '_' || c == '-' || unicode.IsSpace(c) || c == '\ufeff' {
			return -1
		}
		return unicode.ToLower(c)
	}, name)
}

// companions are names that have a meaning only together with certain others: a uuid is the id of an event in exports of PostHog and Amplitude, and
// an amount needs its currency.
var companions = map[string][]string{
	"uuid":         {distinctID, "eventtype"},
	"idfa":         nil,
	"revenue":      {"currency"},
	"$revenue":     {"currency"},
	"total":        {"currency"},
	"ordertotal":   {"currency"},
	"totalprice":   {"currency"},
	"totalrevenue": {"currency"},
	"order":        {"amount"},
}
