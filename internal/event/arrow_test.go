// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package event_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
)

func sample() event.Event {
	return event.Event{
		ID: "1", Source: "shop", Channel: "web", Kind: event.Identify, Initiator: event.Brand, Name: "Order Completed",
		Time: 1_700_000_000_000_000, TimeSource: event.TimeFromSent, ReceivedAt: 1_700_000_000_000_001,
		Identities: []event.Identity{{Type: "customerId", Value: "c1"}, {Type: "anonymousId", Value: "ä"}},
		Traits:     json.RawMessage(`{"tier":"gold"}`), Groups: json.RawMessage(`{"company":"x"}`), SessionID: "s", OrderID: "o",
		Items: json.RawMessage(`[1]`), Amount: -5, Currency: "EUR", Survey: event.Survey{Kind: "nps", Score: 9e6, Scale: 10e6},
		Properties: json.RawMessage(`{"a":{"b":[1,2]}}`), Flags: event.FlagBot | event.FlagFuture, MappingGeneration: 7,
	}
}

func draw(t *rapid.T) event.Event {
	text := rapid.StringMatching(`[a-zA-Zäß€😀 ]{0,12}`)
	filled := rapid.StringMatching(`[a-zé]{1,8}`)
	document := rapid.SampledFrom([]json.RawMessage{nil, json.RawMessage(`{}`), json.RawMessage(`{"k":"värde","n":1.5}`)})
	long := rapid.Int64()
	e := event.Event{
		ID: filled.Draw(t, "id"), Source: filled.Draw(t, "source"), Channel: text.Draw(t, "channel"), Name: text.Draw(t, "name"),
		Kind: event.Kind(rapid.IntRange(0, 3).Draw(t, "kind")), Initiator: event.Initiator(rapid.IntRange(0, 2).Draw(t, "initiator")),
		Time: rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "time"), ReceivedAt: rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "received"),
		TimeSource: event.TimeSource(rapid.IntRange(0, 2).Draw(t, "clock")), Flags: event.Flags(rapid.Byte().Draw(t, "flags")),
		Traits: document.Draw(t, "traits"), Groups: document.Draw(t, "groups"), Properties: document.Draw(t, "properties"),
		SessionID: text.Draw(t, "session"), OrderID: text.Draw(t, "order"), Amount: long.Draw(t, "amount"), Currency: text.Draw(t, "currency"),
		Survey:            event.Survey{Kind: text.Draw(t, "survey"), Score: long.Draw(t, "score"), Scale: long.Draw(t, "scale")},
		MappingGeneration: long.Draw(t, "generation"),
	}
	if e.Flags&event.FlagUnidentified != 0 {
		e.Kind = event.Track
		return e
	}
	for range rapid.IntRange(1, 4).Draw(t, "identities") {
		e.Identities = append(e.Identities, event.Identity{Type: filled.Draw(t, "type"), Value: filled.Draw(t, "value")})
	}
	e.Normalize()
	return e
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(draw), 0, 20).Draw(t, "events")
		record := event.ToRecord(memory.NewGoAllocator(), events)
		defer record.Release()
		back, err := event.FromRecord(record)
		require.NoError(t, err)
		require.Equal(t, len(events), len(back))
		for i := range events {
			require.Equal(t, events[i], back[i])
		}
	})
}

func TestRecordOverTheWireAndSliced(t *testing.T) {
	a, b, c := sample(), sample(), sample()
	b.ID, c.ID = "2", "3"
	b.Identities = b.Identities[:1]
	record := event.ToRecord(memory.DefaultAllocator, []event.Event{a, b, c})
	defer record.Release()
	sliced := record.NewSlice(1, 3)
	defer sliced.Release()
	got, err := event.FromRecord(sliced)
	require.NoError(t, err)
	require.Equal(t, []event.Event{b, c}, got)

	var wire bytes.Buffer
	w := ipc.NewWriter(&wire, ipc.WithSchema(event.Schema))
	require.NoError(t, w.Write(sliced))
	require.NoError(t, w.Close())
	r, err := ipc.NewReader(&wire)
	require.NoError(t, err)
	defer r.Release()
	require.True(t, r.Next())
	got, err = event.FromRecord(r.RecordBatch())
	require.NoError(t, err)
	require.Equal(t, []event.Event{b, c}, got)
}

func TestFromRecordNormalises(t *testing.T) {
	e := sample()
	e.Identities = []event.Identity{{Type: "anonymousId", Value: "a"}, {Type: "email", Value: "e"}, {Type: "anonymousId", Value: "a"}}
	record := event.ToRecord(memory.DefaultAllocator, []event.Event{e})
	defer record.Release()
	got, err := event.FromRecord(record)
	require.NoError(t, err)
	require.Equal(t, []event.Identity{{Type: "email", Value: "e"}, {Type: "anonymousId", Value: "a"}}, got[0].Identities)
}

func TestFromRecordRefuses(t *testing.T) {
	cases := map[string]struct {
		change func(*event.Event)
		want   string
	}{
		"empty id":          {func(e *event.Event) { e.ID = "" }, "id and source"},
		"no identity":       {func(e *event.Event) { e.Identities = nil }, "identities"},
		"empty identity":    {func(e *event.Event) { e.Identities[1].Value = "" }, "identities"},
		"long name":         {func(e *event.Event) { e.Name = strings.Repeat("x", event.MaxTextBytes+1) }, "event has 2049 bytes"},
		"NUL":               {func(e *event.Event) { e.Source = "a\x00b" }, "source has a NUL"},
		"unknown kind":      {func(e *event.Event) { e.Kind = 9 }, "kind 9"},
		"unknown initiator": {func(e *event.Event) { e.Initiator = 3 }, "initiator 3"},
		"year 10000":        {func(e *event.Event) { e.Time = event.MaxTime + 1 }, "time"},
		"broken JSON":       {func(e *event.Event) { e.Properties = json.RawMessage(`{"a":`) }, "properties"},
		"array of traits":   {func(e *event.Event) { e.Traits = json.RawMessage(`[]`) }, "traits"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			good, bad := sample(), sample()
			c.change(&bad)
			record := event.ToRecord(memory.DefaultAllocator, []event.Event{good, bad})
			defer record.Release()
			_, err := event.FromRecord(record)
			require.ErrorContains(t, err, "event 1: ")
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestValidateRefusesBrokenText(t *testing.T) {
	e := sample()
	e.Channel = "\xff"
	require.ErrorContains(t, e.Validate(), "channel has a NUL character, or is not UTF-8")
}

func TestFromRecordRefusesBrokenRecords(t *testing.T) {
	good := event.ToRecord(memory.DefaultAllocator, []event.Event{sample(), sample()})
	defer good.Release()
	with := func(name string, column arrow.Array) arrow.RecordBatch {
		fields, columns := good.Schema().Fields(), append([]arrow.Array(nil), good.Columns()...)
		i := good.Schema().FieldIndices(name)[0]
		fields[i].Type = column.DataType()
		columns[i] = column
		return array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, 2)
	}
	offsets := func(values ...int32) arrow.Array {
		data := array.NewData(arrow.BinaryTypes.String, 2, []*memory.Buffer{nil,
			memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(values)), memory.NewBufferBytes([]byte("abc"))}, nil, 0, 0)
		return array.MakeFromData(data)
	}
	nulls := array.NewInt64Builder(memory.DefaultAllocator)
	nulls.AppendNull()
	nulls.Append(1)
	cases := map[string]struct {
		record arrow.RecordBatch
		want   string
	}{
		"missing columns":   {array.NewRecordBatch(arrow.NewSchema(good.Schema().Fields()[:3], nil), good.Columns()[:3], 2), "3 columns"},
		"falling offsets":   {with("event", offsets(0, 3, 1)), "column event"},
		"null":              {with("time", nulls.NewArray()), "column time has nulls"},
		"text where number": {with("time", offsets(0, 1, 2)), "events have time int64"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := event.FromRecord(c.record)
			require.ErrorContains(t, err, c.want)
		})
	}
	fields := good.Schema().Fields()
	fields[0].Name = "key"
	_, err := event.FromRecord(array.NewRecordBatch(arrow.NewSchema(fields, nil), good.Columns(), 2))
	require.ErrorContains(t, err, "column 0 is key utf8, events have id utf8")
}

// Only a list of type and value without nulls is accepted as identities.
func TestFromRecordRefusesOtherIdentities(t *testing.T) {
	good := event.ToRecord(memory.DefaultAllocator, []event.Event{sample()})
	defer good.Release()
	fields := event.IdentityType.Fields()
	typ, value, other := fields[0], fields[1], arrow.Field{Name: "other", Type: arrow.BinaryTypes.String}
	number := arrow.Field{Name: "value", Type: arrow.PrimitiveTypes.Int64}
	for name, tt := range map[string]struct {
		column string
		of     arrow.DataType
		json   string
		want   string
	}{
		"the same":                  {"identities", arrow.StructOf(typ, value), `[[{"type":"email","value":"a"}]]`, ""},
		"a list of texts":           {"identities", typ.Type, `[["a"]]`, "column 9 is identities list"},
		"one field":                 {"identities", arrow.StructOf(typ), `[[{"type":"a"}]]`, "column 9 is identities list"},
		"three fields":              {"identities", arrow.StructOf(typ, value, other), `[[{"type":"a","value":"b","other":"c"}]]`, "column 9 is identities list"},
		"another name":              {"identities", arrow.StructOf(typ, other), `[[{"type":"a","other":"b"}]]`, "column 9 is identities list"},
		"another type":              {"identities", arrow.StructOf(typ, number), `[[{"type":"a","value":1}]]`, "column 9 is identities list"},
		"a list in the wrong place": {"event", arrow.StructOf(typ, value), `[[{"type":"a","value":"b"}]]`, "column 5 is event list"},
		"null for a list":           {"identities", arrow.StructOf(typ, value), `[null]`, "column identities has nulls"},
		"null for an identity":      {"identities", arrow.StructOf(typ, value), `[[null]]`, "column identities has nulls"},
		"null for a type":           {"identities", arrow.StructOf(typ, value), `[[{"type":null,"value":"a"}]]`, "column identities has nulls"},
		"null for a value":          {"identities", arrow.StructOf(typ, value), `[[{"type":"email","value":null}]]`, "column identities has nulls"},
	} {
		t.Run(name, func(t *testing.T) {
			column, _, err := array.FromJSON(memory.DefaultAllocator, arrow.ListOf(tt.of), strings.NewReader(tt.json))
			require.NoError(t, err)
			fields, columns := good.Schema().Fields(), append([]arrow.Array(nil), good.Columns()...)
			i := good.Schema().FieldIndices(tt.column)[0]
			fields[i].Type, columns[i] = column.DataType(), column
			_, err = event.FromRecord(array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, 1))
			if tt.want == "" {
				require.NoError(t, err, "other languages name elements differently and allow nulls")
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestIdentitiesJSON(t *testing.T) {
	a, b := sample(), sample()
	b.Identities = []event.Identity{{Type: "email", Value: `"<`}}
	nobody := event.Event{ID: "3", Source: "s", Flags: event.FlagUnidentified}
	record := event.ToRecord(memory.DefaultAllocator, []event.Event{a, b, nobody})
	defer record.Release()
	list := record.Column(9).(*array.List)
	for row, want := range []string{
		`[{"type":"customerId","value":"c1"},{"type":"anonymousId","value":"ä"}]`, `[{"type":"email","value":"\"\u003c"}]`, `[]`,
	} {
		require.Equal(t, want, event.IdentitiesJSON(list, row))
	}
}

func BenchmarkRecord(b *testing.B) {
	events := make([]event.Event, 200)
	for i := range events {
		events[i] = sample()
	}
	b.Run("to", func(b *testing.B) {
		for b.Loop() {
			event.ToRecord(memory.DefaultAllocator, events).Release()
		}
	})
	record := event.ToRecord(memory.DefaultAllocator, events)
	b.Run("from", func(b *testing.B) {
		for b.Loop() {
			_, err := event.FromRecord(record)
			require.NoError(b, err)
		}
	})
}
