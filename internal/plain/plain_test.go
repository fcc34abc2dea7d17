// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func plainOf(t *testing.T, text string) (*event.Event, error) {
	t.Helper()
	document, err := value.Decode([]byte(text))
	require.NoError(t, err)
	e, rejection := NewReader(Options{}).Event(document.(map[string]any), "row")
	if rejection != nil {
		return e, rejection
	}
	return e, nil
}

// Every column is read into its field.
func TestPlainForm(t *testing.T) {
	e, err := plainOf(t, `{"event":"Answered","time":"2026-05-01 10:00:00","kind":"identify","initiator":"brand","source":"shop","channel":"email",
		"customerId":7,"identities":{"badge":"b1"},"sessionId":"s","orderId":"o","amount":"12.5","currency":"eur","survey.kind":"nps","survey.score":9,
		"traits.tier":"gold","traits":{"age":4},"groups.company":"acme","properties.a.b":1,"color":"red","nothing":null}`)
	require.NoError(t, err)
	require.Equal(t, &event.Event{
		ID: "row", Name: "Answered", Time: 1777629600000000, Kind: event.Identify, Initiator: event.Brand, Channel: "email", SessionID: "s", OrderID: "o",
		Identities: []event.Identity{{Type: "customerId", Value: "7"}, {Type: "badge", Value: "b1"}},
		Amount:     12_500_000, Currency: "EUR", Survey: event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000},
		Traits: json.RawMessage(`{"age":4,"tier":"gold"}`), Groups: json.RawMessage(`{"company":"acme"}`),
		Properties: json.RawMessage(`{"a.b":1,"color":"red"}`),
	}, e)
	for text, want := range map[string]int64{`"2026-05-01"`: 1777593600000000, `"1777629600"`: 1777629600000000, `1777629600.5`: 1777629600500000, `"2026-05-01T12:00:00+02:00"`: 1777629600000000} {
		e, err := plainOf(t, `{"event":"x","time":`+text+`,"customerId":"a"}`)
		require.NoError(t, err, text)
		require.Equal(t, want, e.Time, text)
	}
}

// FuzzPlain: each row gives an event or an error.
func FuzzPlain(f *testing.F) {
	f.Add(`{"event":"x","time":1,"customerId":"a","amount":1,"currency":"EUR","identities":{"a":1},"traits":{},"properties":[1]}`)
	f.Add(`{"time":{},"kind":[],"survey.kind":"nps","survey.score":{},"identities":3}`)
	f.Fuzz(func(t *testing.T, text string) {
		document, err := value.Decode([]byte(text))
		row, ok := document.(map[string]any)
		if err != nil || !ok {
			t.Skip("no object")
		}
		e, rejection := NewReader(Options{}).Event(row, "row")
		if rejection == nil {
			require.True(t, e.Properties == nil || json.Valid(e.Properties))
		}
	})
}

// The value of an order without an amount is unknown, not 0: with only a currency, an empty cell, or a placeholder.
func TestCurrencyWithoutAmount(t *testing.T) {
	for _, amount := range []any{nil, "", " ", "NULL", `\N`, "#N/A", "-"} {
		e, rejection := NewReader(Options{}).Event(map[string]any{"event": "Order Completed", "time": "2026-05-01T00:00:00Z", "customerId": "c", "amount": amount, "currency": "EUR",
			"survey.kind": "nps", "survey.score": amount}, "row")
		require.Nil(t, rejection, "%q", amount)
		require.Empty(t, e.Currency, "%q", amount)
		require.Empty(t, e.Survey.Kind, "%q", amount)
	}
	e, rejection := NewReader(Options{}).Event(map[string]any{"event": "Order Completed", "time": "2026-05-01T00:00:00Z", "customerId": "c", "amount": "0", "currency": "EUR"}, "row")
	require.Nil(t, rejection)
	require.Equal(t, "EUR", e.Currency, "0 is an amount")
}
