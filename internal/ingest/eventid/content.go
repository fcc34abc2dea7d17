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

// Content returns the interpreted content of a row's event: its time as an instant, money and numbers by their value, identifiers in their normal
// form. A row therefore keeps its id if it is written differently: in another zone, with a decimal comma, or with other names of columns. Ids of
// documents are derived from what was sent instead.
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

// number matches JSON numbers. 007 and +1 do not match: a text like that is an identifier.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

// understood converts texts that are numbers to numbers, because all values of a table are texts.
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
