// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package eventid

import (
	"encoding/json"
	"regexp"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Content returns the content of an event of a row, as it was understood: its time as an instant, money and numbers by their value, identifiers in their
// normal form. So a row is known that was written otherwise: in another zone, with a decimal comma, under other names of columns. Ids of documents do
// not come from here but from what was sent, as they are stored.
func Content(e *event.Event) (string, *reject.Rejection) {
	people := map[string]any{}
	for _, i := range e.Identities {
		text, ok := privacy.Normalize(i.Type, i.Value)
		if !ok {
			text = value.Clean(i.Value)
		}
		people[i.Type+" "+text] = true
	}
	document := map[string]any{
		"event": value.Clean(e.Name), "time": e.Time, "kind": int64(e.Kind), "initiator": int64(e.Initiator), "channel": e.Channel,
		"people": people, "session": value.Clean(e.SessionID), "order": value.Clean(e.OrderID), "amount": e.Amount, "currency": e.Currency,
		"survey": []any{e.Survey.Kind, e.Survey.Score, e.Survey.Scale},
	}
	for name, raw := range map[string]json.RawMessage{"properties": e.Properties, "traits": e.Traits, "groups": e.Groups, "items": e.Items} {
		if len(raw) == 0 {
			continue
		}
		decoded, err := value.DecodeDigits(raw)
		if err != nil {
			return "", transport.NotJSON(name)
		}
		document[name] = understood(decoded)
	}
	return transport.ContentID(document)
}

// number is a text that JSON takes for a number. 007 and +1 are none: what has such a form is an identifier.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// understood takes texts that are numbers for numbers, as a table has nothing but texts.
func understood(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = understood(inner)
		}
	case []any:
		for i, inner := range v {
			v[i] = understood(inner)
		}
	case string:
		if number.MatchString(v) {
			return json.Number(v)
		}
	}
	return v
}
