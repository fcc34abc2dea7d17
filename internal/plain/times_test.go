// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Times in the formats of people, spreadsheets and tills are read if they are unambiguous.
func TestWrittenTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	santiago, err := time.LoadLocation("America/Santiago")
	require.NoError(t, err)
	for _, c := range []struct {
		text, want, note string
		options          Options
	}{
		{text: "24.12.2025 13:45", want: "2025-12-24T13:45:00Z", note: "days such as 03.04.2026 are read with the day first"},
		{text: "3.4.2026", want: "2026-04-03T00:00:00Z"},
		{text: "24.12.2025 13:45", want: "2025-12-24T12:45:00Z", options: Options{Zone: berlin}, note: "1 time without a time zone is read as Europe/Berlin"},
		{text: "25.10.2026 02:30", want: "2026-10-25T00:30:00Z", options: Options{Zone: berlin}, note: "1 time is ambiguous, because the clock was put back in Europe/Berlin: read as the first one"},
		{text: "2026-10-25T02:30:00+01:00", want: "2026-10-25T01:30:00Z", options: Options{Zone: berlin}},
		{text: "2026-09-06", want: "2026-09-06T04:00:00Z", options: Options{Zone: santiago}, note: "1 day without a time is read as midnight in America/Santiago"},
		{text: "12/24/2025 1:45 PM", want: "2025-12-24T13:45:00Z", options: Options{Dates: MonthFirst}, note: "days such as 03/04/2026 are read with the month first"},
		{text: "12/24/2025, 1:45:00\u202fPM", want: "2025-12-24T13:45:00Z", options: Options{Dates: MonthFirst}},
		{text: "03/04/2026", want: "2026-03-04T00:00:00Z", options: Options{Dates: MonthFirst}},
		{text: "03/04/2026", want: "2026-04-03T00:00:00Z", options: Options{Dates: DayFirst}},
		{text: "03-04-26 9:05", want: "2026-04-03T09:05:00Z", options: Options{Dates: DayFirst}},
		{text: "03.04.2026", want: "2026-03-04T00:00:00Z", options: Options{Dates: MonthFirst}},
		{text: "2026-5-1 9:05", want: "2026-05-01T09:05:00Z"},
		{text: "2026.05.01 09:05:07", want: "2026-05-01T09:05:07Z"},
		{text: "2026/10/24 11:15:00 PM GMT+2", want: "2026-10-24T21:15:00Z"},
		{text: "2026/11/01 12:00:00 AM GMT-4", want: "2026-11-01T04:00:00Z"},
		{text: "2026/11/20 12:30:00 p.m. GMT+5:30", want: "2026-11-20T07:00:00Z"},
		{text: "Fri, 21 Nov 2025 10:14:57 GMT", want: "2025-11-21T10:14:57Z"},
		{text: "Nov 21, 2025 10:14:57", want: "2025-11-21T10:14:57Z"},
		{text: "November 21st, 2025 at 10:14 AM", want: "2025-11-21T10:14:00Z"},
		{text: "1 Sept 2025", want: "2025-09-01T00:00:00Z"},
		{text: "21-Nov-2025 10:14", want: "2025-11-21T10:14:00Z"},
		{text: "1.7776296E12", want: ""},
	} {
		r := NewReader(c.options)
		e, rejection := r.Event(map[string]any{"event": "x", "time": c.text, "customerId": "c"}, "row")
		if c.want == "" {
			require.NotNil(t, rejection, c.text)
			continue
		}
		require.Nil(t, rejection, c.text)
		require.Equal(t, c.want, time.UnixMicro(e.Time).UTC().Format(time.RFC3339Nano), c.text)
		require.Contains(t, strings.Join(r.Notes(), "\n"), c.note, c.text)
	}
	r := NewReader(Options{Zone: berlin})
	_, rejection := r.Event(map[string]any{"event": "x", "time": "2026-03-29 02:30:00", "customerId": "c"}, "row")
	require.ErrorContains(t, rejection, "does not exist in the time zone: the clock was put forward over it")
}

// A date column and a time column are combined.
func TestDayAndClock(t *testing.T) {
	r := NewReader(Options{Columns: []string{"Date", "Time", "event", "customerId"}, Dates: MonthFirst})
	e, rejection := r.Event(map[string]any{"Date": "05/01/26", "Time": "09:30:15", "event": "x", "customerId": "c"}, "row")
	require.Nil(t, rejection)
	require.Equal(t, "2026-05-01T09:30:15Z", time.UnixMicro(e.Time).UTC().Format(time.RFC3339))
	require.Empty(t, e.Properties)
}

// Numbers that a spreadsheet has shortened are refused as identities, because the missing digits distinguish customers.
func TestShortenedNumbers(t *testing.T) {
	for column, name := range map[string]string{"customerId": "customerId", "user_id": "customerId", "distinct_id": "customerId", "order_id": "orderId", "id": "id"} {
		r := NewReader(Options{})
		_, rejection := r.Event(map[string]any{"event": "x", "time": "2026-05-01", "customerId": "c", column: "8.80101E+11"}, "row")
		if column == "user_id" || column == "distinct_id" {
			_, rejection = r.Event(map[string]any{"event": "x", "time": "2026-05-01", column: "8.80101E+11"}, "row")
		}
		require.ErrorContains(t, rejection, "looks like a number that a spreadsheet has shortened", column)
		require.Equal(t, []string{"bad-row", name}, []string{rejection.Reason, rejection.Field})
	}
	for _, id := range []string{"5E10", "1e5", "8.8E11x", "E+10"} {
		_, rejection := NewReader(Options{}).Event(map[string]any{"event": "x", "time": "2026-05-01", "customerId": id}, "row")
		require.Nil(t, rejection, id)
	}
}

// An order with several lines is one event. The rows of further items are ignored.
func TestOrdersOfManyLines(t *testing.T) {
	r := NewReader(Options{Columns: []string{"Name", "Email", "Financial Status", "Created at", "Total", "Currency", "Lineitem name", "Id", "Device ID"}, Event: "Order Completed"})
	row := func(name, status, total, id string) map[string]any {
		out := map[string]any{"Name": name, "Email": "a@example.test", "Created at": "2026-10-24 18:05:11 +0200", "Lineitem name": "Mug"}
		for column, v := range map[string]string{"Financial Status": status, "Total": total, "Id": id} {
			if v != "" {
				out[column], out["Currency"] = v, "EUR"
			}
		}
		return out
	}
	test, undone := row("#4", "paid", "1", "54"), row("#5", "refunded", "3", "55")
	test["Payment Method"], undone["Refunded Amount"], undone["Device ID"] = "(for testing) Bogus Gateway", "3.00", "till 3"
	var events []*event.Event
	for _, c := range []map[string]any{row("#1", "paid", "5", "51"), row("#1", "", "", ""), row("#2", "paid", "7", "52"), row("#3", "", "", "53"), row("#1", "", "", ""), test, undone} {
		if r.NoEvent(c) {
			continue
		}
		e, rejection := r.Event(c, "row")
		require.Nil(t, rejection)
		events = append(events, e)
	}
	require.Len(t, events, 5, "a row below another order is no further item of that one")
	require.Equal(t, []string{"51", "52"}, []string{events[0].ID, events[1].ID})
	require.Equal(t, int64(5_000_000), events[0].Amount)
	require.Len(t, events[4].Identities, 1, "the device of a till is nobody's")
	require.Contains(t, r.Notes(), "1 test order is left out")
	require.Contains(t, r.Notes(), "1 order was refunded or cancelled, by the columns Refunded Amount and Cancelled at, which create no events here: mapping rules can")
	require.Contains(t, r.Notes(), "1 row is a further item of the order above it, not an event")
}

// Flattened events are refused, because each row is a parameter of an event.
func TestFlattenedEvents(t *testing.T) {
	err := NewReader(Options{Columns: []string{"event_name", "event_timestamp", "user_pseudo_id", "event_params.key", "event_params.value.string_value"}}).Missing()
	require.ErrorContains(t, err, "the column event_params.key spreads each event over several rows")
	require.NoError(t, NewReader(Options{Columns: []string{"event_name", "event_timestamp", "user_pseudo_id", "page_location"}}).Missing())
}

// The column distinct_id is named among the recognised columns.
func TestDistinctIDIsNamed(t *testing.T) {
	for _, columns := range [][]string{{"event", "time", "distinct_id"}, {"event", "time", "Distinct ID"}} {
		r := NewReader(Options{Columns: columns})
		require.Empty(t, r.Notes(), "no row was read")
		_, rejection := r.Event(map[string]any{"event": "A", "time": "2026-05-01T10:00:00Z", columns[2]: "a"}, "1")
		require.Nil(t, rejection)
		notes := r.Notes()
		require.Equal(t, []string{"read " + columns[2] + " as anonymousId if it is a device id or a UUID, else as customerId"}, notes)
	}
}
