// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func decoded(t *testing.T, text string) map[string]any {
	t.Helper()
	v, err := value.Decode([]byte(text))
	require.NoError(t, err)
	return v.(map[string]any)
}

// Rows as tools export them.
func TestExports(t *testing.T) {
	for name, c := range map[string]struct{ row, identities, id, event, properties string }{
		"warehouse of Segment": {`{"id":"m1","anonymous_id":"a","user_id":"u","event":"order_completed","event_text":"Order Completed","timestamp":"2026-05-01 10:00:00+00",
			"received_at":"2026-05-01 11:00:00+00","sent_at":"x","price":4}`, "customerId=u anonymousId=a", "m1", "Order Completed",
			`{"event":"order_completed","price":4,"received_at":"2026-05-01 11:00:00+00","sent_at":"x"}`},
		"Amplitude": {`{"event_type":"Buy","event_time":"2026-05-01 10:00:00.000000","user_id":7,"device_id":"d","$insert_id":"i","uuid":"0","event_properties":{"price":4}}`,
			"customerId=7 deviceId=d", "i", "Buy", `{"price":4,"uuid":"0"}`},
		"Mixpanel": {`{"event":"Buy","properties":{"time":1777629600,"distinct_id":"$device:d1","$insert_id":"i","$device_id":"d1","price":4}}`,
			"anonymousId=d1", "i", "Buy", `{"price":4}`},
		"Mixpanel, known": {`{"event":"Buy","properties":{"time":1777629600,"distinct_id":"u","$user_id":"u","$device_id":"d1"}}`, "customerId=u anonymousId=d1", "row", "Buy", ""},
		"PostHog": {`{"uuid":"e1","event":"Buy","distinct_id":"019a77aa-0001-7000-8000-00000000a001","timestamp":"2026-05-01T10:00:00+00:00","properties":"{\"price\":4}"}`,
			"anonymousId=019a77aa-0001-7000-8000-00000000a001", "e1", "Buy", `{"price":4}`},
		"PostHog, known": {`{"uuid":"e1","event":"Buy","distinct_id":"u","timestamp":"2026-05-01T10:00:00+00:00","properties":{"$device_id":"d"}}`,
			"customerId=u anonymousId=d", "e1", "Buy", ""},
		"Google Analytics": {`{"event_date":"20260501","event_timestamp":"1777629600000000","event_name":"Buy","user_pseudo_id":"p","user_id":"u","event_bundle_sequence_id":"3",
			"batch_event_index":1,"event_params":[{"key":"price","value":{"int_value":"4"}},{"key":"x","value":{"string_value":null}}]}`,
			"customerId=u anonymousId=p", "ga4:p:1777629600000000:Buy:3:1", "Buy", `{"batch_event_index":1,"event_bundle_sequence_id":"3","price":"4"}`},
		"a uuid of a user":           {`{"event":"Buy","time":"2026-05-01T10:00:00Z","email":"a@example.test","uuid":"1"}`, "email=a@example.test", "row", "Buy", `{"uuid":"1"}`},
		"revenue without a currency": {`{"event":"Buy","time":"2026-05-01T10:00:00Z","email":"a@example.test","revenue":4}`, "email=a@example.test", "row", "Buy", `{"revenue":4}`},
		"two names for one thing": {`{"event":"Buy","time":"2026-05-01T10:00:00Z","timestamp":"2026-01-01T10:00:00Z","customerId":"c","user_id":"u"}`,
			"customerId=c", "row", "Buy", `{"timestamp":"2026-01-01T10:00:00Z","user_id":"u"}`},
		"written by people": {`{"Event Name":"Buy"," Time ":"2026-05-01T10:00:00Z","Customer ID":"c","E-Mail":"a@example.test"}`, "customerId=c email=a@example.test", "row", "Buy", ""},
	} {
		e, rejection := NewReader(Options{}).Event(decoded(t, c.row), "row")
		require.Nil(t, rejection, name)
		var ids []string
		for _, i := range e.Identities {
			ids = append(ids, i.Type+"="+i.Value)
		}
		require.Equal(t, c.identities, strings.Join(ids, " "), name)
		require.Equal(t, []string{c.id, c.event, c.properties}, []string{e.ID, e.Name, string(e.Properties)}, name)
		require.Equal(t, time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC).UnixMicro(), e.Time, name)
	}
}

// The notes say how the columns of a table are read, and which ones are missing.
func TestTableColumns(t *testing.T) {
	columns := []string{"Timestamp", "user_id", "event_name", "revenue", "received_at"}
	r := NewReader(Options{Columns: columns})
	require.NoError(t, r.Missing())
	e, rejection := r.Event(map[string]any{"Timestamp": "2026-05-01 10:00", "user_id": "u", "event_name": "Buy", "revenue": "4"}, "row")
	require.Nil(t, rejection)
	require.Zero(t, e.Amount)
	_, rejection = r.Event(map[string]any{"received_at": "2026-05-01 10:00", "user_id": "u", "event_name": "Buy"}, "row")
	require.ErrorContains(t, rejection, "the row has no time", "another column does not replace an empty cell")
	require.Equal(t, []string{
		"read Timestamp as time, user_id as customerId, event_name as event",
		"column revenue is a property: an amount needs a column currency",
		"1 time without a time zone is read as UTC",
	}, r.Notes())
	for columns, want := range map[string]string{
		"event,when,customerId":        "no column time; columns are event, when, customerId",
		"Name,Email,Created at,Total":  "no column event; columns are Name, Email, Created at, Total",
		"event,time,total":             "no column customerId (or another identity)",
		"a,b":                          "no column event, no column time, no column customerId",
		"event_name,ts,visitor":        "",
		"event,time,identities.badge":  "",
		"event,timestamp,distinct_id":  "",
		"event,properties,distinct_id": "no column time",
	} {
		err := NewReader(Options{Columns: strings.Split(columns, ",")}).Missing()
		if want == "" {
			require.NoError(t, err, columns)
			continue
		}
		require.ErrorContains(t, err, want, columns)
	}
	require.NoError(t, NewReader(Options{Columns: []string{"Email", "Created at"}, Event: "Order Completed"}).Missing())
}

// Amounts in the formats of spreadsheets are read exactly, or refused.
func TestMoneyOfSpreadsheets(t *testing.T) {
	for text, want := range map[string]int64{
		"129.90": 129_900_000, "129,90": 129_900_000, "1.234,50": 1_234_500_000, "1,234.50": 1_234_500_000, "1 234,50": 1_234_500_000, "1'234.50": 1_234_500_000,
		"1.234.567": 1_234_567_000_000, "1,234,567": 1_234_567_000_000, "0,125": 125_000, "-12,5": -12_500_000, "+3": 3_000_000, "1234,567": 1_234_567_000,
		"1\u202f234,50": 1_234_500_000, "€ 12,30": 12_300_000, "12,30\u00a0€": 12_300_000, "EUR 12.30": 12_300_000, "(12.30)": -12_300_000,
		"(€1,234.50)": -1_234_500_000, "12.30-": -12_300_000, "-€12.30": -12_300_000, "€-12.30": -12_300_000, "−3": -3_000_000,
	} {
		e, rejection := NewReader(Options{Commas: true}).Event(map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "amount": text, "currency": "EUR"}, "row")
		require.Nil(t, rejection, text)
		require.Equal(t, want, e.Amount, text)
	}
	for text, want := range map[string]string{
		"1,234": "write it without groups and with two or four decimals", "12,34,56": "not a decimal number", "12 %": "is a percentage, not an amount", "USD 5": "has another currency", "5 € -": "not a decimal number",
		"1.23.4": "not a decimal number", "1,2.3": "not a decimal number",
	} {
		_, rejection := NewReader(Options{}).Event(map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "amount": text, "currency": "EUR"}, "row")
		require.ErrorContains(t, rejection, want, text)
		require.Equal(t, "bad-amount", rejection.Reason)
	}
	row := func(amount string) map[string]any {
		return map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "amount": amount, "currency": "EUR"}
	}
	_, rejection := NewReader(Options{Commas: true}).Event(row("1.234"), "row")
	require.ErrorContains(t, rejection, "may be a number with decimals or one with groups", "with decimal commas, a point can separate thousands")
	e, rejection := NewReader(Options{}).Event(row("1.234"), "row")
	require.Nil(t, rejection)
	require.Equal(t, int64(1_234_000), e.Amount)
	r := NewReader(Options{Commas: true})
	e, rejection = r.Event(map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "price": "3,5", "list": "1,2,3", "n": "1,234", "note": "a,b"}, "row")
	require.Nil(t, rejection)
	require.JSONEq(t, `{"price":"3.5","list":"1,2,3","n":"1,234","note":"a,b"}`, string(e.Properties))
	require.Contains(t, strings.Join(r.Notes(), "\n"), "1 number with a decimal comma is read as such")
}

// A currency sign is read only if it is unambiguous. Otherwise an amount would count in the wrong currency.
func TestCurrencySigns(t *testing.T) {
	read := func(text, currency string, commas bool) (int64, *reject.Rejection) {
		row := map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "amount": text, "currency": currency}
		e, rejection := NewReader(Options{Commas: commas}).Event(row, "row")
		if rejection != nil {
			return 0, rejection
		}
		return e.Amount, nil
	}
	for _, c := range [][2]string{{"$5", "USD"}, {"$5", "CAD"}, {"CA$ 5", "CAD"}, {"5 US$", "USD"}, {"£5", "gbp"}, {"¥5", "CNY"}, {"R$ 5", "BRL"}, {"NOK 5", "NOK"}, {"AUD$5", "AUD"}} {
		amount, rejection := read(c[0], c[1], false)
		require.Nil(t, rejection, c)
		require.EqualValues(t, 5_000_000, amount, c)
	}
	for _, c := range [][2]string{{"$5", "EUR"}, {"£5", "EUR"}, {"CA$ 5", "USD"}, {"5 US$", "CAD"}, {"¥5", "USD"}, {"5 €", "USD"}, {"AUD$5", "USD"}, {"₹5", "EUR"}, {"XY$5", "USD"}} {
		_, rejection := read(c[0], c[1], false)
		require.ErrorContains(t, rejection, "has another currency", c)
	}
	amount, rejection := read("12.345", "KWD", true)
	require.Nil(t, rejection, "a dinar has three decimals")
	require.EqualValues(t, 12_345_000, amount)
	_, rejection = read("12.345", "EUR", true)
	require.ErrorContains(t, rejection, "with two or four decimals")
	amount, rejection = read("12.3450", "EUR", true)
	require.Nil(t, rejection, "what the refusal tells to write is read")
	require.EqualValues(t, 12_345_000, amount)
}

// A survey answer in an object is read like flat columns. Any other survey stays a property.
func TestNestedSurvey(t *testing.T) {
	read := func(survey any) *event.Event {
		row := map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "survey": survey}
		e, rejection := NewReader(Options{}).Event(row, "row")
		require.Nil(t, rejection)
		return e
	}
	want := event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000}
	e := read(map[string]any{"kind": "nps", "score": json.Number("9")})
	require.Equal(t, want, e.Survey)
	require.Empty(t, e.Properties)
	e = read(map[string]any{"kind": "nps", "score": "9", "scale": json.Number("10"), "form": "f1"})
	require.Equal(t, want, e.Survey)
	require.JSONEq(t, `{"survey":{"form":"f1"}}`, string(e.Properties))
	e = read("spring")
	require.Empty(t, e.Survey)
	require.JSONEq(t, `{"survey":"spring"}`, string(e.Properties))
}

// Errors about times name the value.
func TestTimesOfFiles(t *testing.T) {
	for text, want := range map[string]string{
		"46143.5": "day number of a spreadsheet", "05/01/2026": `"05/01/2026" is ambiguous: set --dates`, "5/1/26 9:00": "is ambiguous", "5/13/2026 14:05": "has the month first", "13/5/2026": "has the day first", "13/14/2026": "is ambiguous", "1.77763E+12": "has shortened", "1.7776296E12": "has shortened", "09:30": "no column date",
		"31.11.2026": "is not a time", "2026-05-01 13:45 PM": "is not a time", "2026-05-01 10:00 CET": "as letters", "soon": "is not a time", "": "the row has no time",
	} {
		_, rejection := NewReader(Options{Columns: []string{"event", "time", "customerId"}}).Event(map[string]any{"event": "x", "time": text, "customerId": "c"}, "row")
		require.ErrorContains(t, rejection, want, text)
		require.NotContains(t, rejection.Error(), "soon", "what is no time at all may be anything")
	}
	r := NewReader(Options{})
	for _, v := range []any{int64(1777629600000), "1777629600000", "2026-05-01T12:00+02:00", "20260501100000"} {
		e, rejection := r.Event(map[string]any{"event": "x", "time": v, "customerId": "c"}, "row")
		require.Nil(t, rejection, v)
		require.Equal(t, int64(1777629600000000), e.Time, v)
	}
	require.Equal(t, []string{"times are read as milliseconds since 1970", "times are read as compact dates in UTC, such as 20261121"}, r.Notes())
}

// Properties as text must be a JSON object.
func TestPropertiesAsText(t *testing.T) {
	r := NewReader(Options{Columns: []string{"event", "time", "customerId", "properties", "traits"}})
	row := func(properties, traits string) map[string]any {
		return map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", "properties": properties, "traits": traits}
	}
	e, rejection := r.Event(row(`{"price":4}`, ""), "row")
	require.Nil(t, rejection)
	require.JSONEq(t, `{"price":4}`, string(e.Properties))
	for _, bad := range []map[string]any{row(`{"price":4`, ""), row("4", ""), row("", "gold")} {
		_, rejection := r.Event(bad, "row")
		require.ErrorContains(t, rejection, "the text is not a JSON object")
	}
}

// Events of brands have the same initiator as in other sources.
func TestBrandEvents(t *testing.T) {
	for text, want := range map[string]event.Initiator{
		`{"event":"Email Delivered"}`: event.Brand, `{"event":"Email Delivered","initiator":"customer"}`: event.Customer, `{"event":"Email Opened"}`: event.Customer,
	} {
		row := decoded(t, text)
		row["time"], row["customerId"] = "2026-05-01", "c"
		e, rejection := NewReader(Options{}).Event(row, "row")
		require.Nil(t, rejection)
		require.Equal(t, want, e.Initiator, text)
	}
}
