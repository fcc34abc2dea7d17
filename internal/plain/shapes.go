// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"regexp"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// objects are the columns with objects, which tables and Parquet store as JSON text.
var objects = map[string]bool{
	"properties": true, "traits": true, "groups": true, "identities": true, "eventproperties": true, "userproperties": true, "personproperties": true,
}

// unpack decodes the objects that are JSON texts.
func unpack(row map[string]any) *reject.Rejection {
	for name, v := range row {
		text, ok := v.(string)
		if !ok || !objects[simple(name)] {
			continue
		}
		text = strings.TrimSpace(text)
		if text == "" {
			delete(row, name)
			continue
		}
		document, err := value.Decode([]byte(text))
		if err != nil || document != nil && !isObject(document) {
			return reject.New(reject.BadJSON, name, "the text is not a JSON object such as {\"price\": 4}; for a single value use a column \"properties.NAME\"")
		}
		row[name] = document
	}
	return nil
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	if _, list := v.([]any); list {
		return true
	}
	return ok
}

// reshape flattens exports with nested fields: Mixpanel and PostHog have the relevant fields among the properties, Google Analytics in lists of keys
// and values. It reports whether the row was one of these.
func reshape(row map[string]any) (changed bool) {
	if properties, ok := row["properties"].(map[string]any); ok {
		_, above := row[distinctID]
		_, inside := properties[distinctID]
		if above || inside {
			delete(row, "properties")
			lift(row, properties)
			changed = true
		}
	}
	if params, ok := row["event_params"].([]any); ok {
		analytics(row, params)
		changed = true
	}
	return changed
}

// lift copies the fields that the row lacks into it.
func lift(row, fields map[string]any) {
	for name, v := range fields {
		if _, taken := row[name]; !taken {
			row[name] = v
		}
	}
}

// analytics reads an event in the form of Google Analytics' export to BigQuery. Events have no id there; these columns together replace it.
func analytics(row map[string]any, params []any) {
	delete(row, "event_params")
	found := pairs(params)
	lift(row, found)
	if traits, ok := row["user_properties"].([]any); ok {
		row["user_properties"] = pairs(traits)
	}
	if ecommerce, ok := row["ecommerce"].(map[string]any); ok && ecommerce["transaction_id"] != nil {
		lift(row, map[string]any{"transaction_id": ecommerce["transaction_id"]})
	}
	if amount, ok := found["value"]; ok && found["currency"] != nil {
		delete(row, "value")
		lift(row, map[string]any{"amount": amount})
	}
	delete(row, "event_date") // the day of event_timestamp in the zone of the property
	id := "ga4"
	for _, name := range []string{"user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id", "batch_event_index"} {
		text, ok := value.Text(row[name])
		if !ok {
			return
		}
		id += ":" + text
	}
	lift(row, map[string]any{"id": id})
}

// pairs reads a list of {"key": …, "value": {"string_value": …}}.
func pairs(list []any) map[string]any {
	out := map[string]any{}
	for _, e := range list {
		pair, _ := e.(map[string]any)
		key, _ := pair["key"].(string)
		values, ok := pair["value"].(map[string]any)
		if key == "" || !ok {
			continue
		}
		for kind, v := range values {
			if v != nil && strings.HasSuffix(kind, "_value") {
				out[key] = v
			}
		}
	}
	return out
}

var uuidForm = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$`)

// distinct decides whose id a distinct_id is: that of a device if it is marked so, if it equals that of the row's device, or if it is a UUID, as the
// libraries generate them; otherwise that of a customer.
func distinct(row map[string]any) {
	v, ok := row[distinctID]
	if !ok {
		return
	}
	delete(row, distinctID)
	text, ok := value.Text(v)
	if !ok {
		return
	}
	device, of := strings.CutPrefix(text, "$device:")
	anonymous, _ := value.Text(row["anonymousId"])
	into := "customerId"
	if of || text == anonymous || uuidForm.MatchString(text) {
		into = "anonymousId"
	}
	lift(row, map[string]any{into: device})
}
