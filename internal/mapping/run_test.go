// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/value"
)

var now = time.Date(2026, 11, 21, 10, 15, 10, 0, time.UTC)

func run(t testing.TB, document string, rules ...v1alpha1.MappingRule) mapping.Outcome {
	t.Helper()
	p, err := mapping.Compile(rules)
	require.NoError(t, err)
	body, err := value.Decode([]byte(document))
	require.NoError(t, err)
	return p.Map(&mapping.Input{
		Body: body, Headers: map[string]string{"x-topic": "orders/create"}, Query: map[string]string{"c": "store"}, Now: now,
		Time: now.UnixMicro(), TimeSource: event.TimeFromReceipt, Budget: mapping.NewBudget(), MaxEvents: 5,
	})
}

type exprs = map[string]v1alpha1.CELExpression

func TestMapFillsEveryField(t *testing.T) {
	o := run(t, `{"id":9007199254740993,"at":"2026-11-21T10:14:57.25Z","total":"129.90","cur":"EUR","n":{"score":9},
		"who":{"id":7,"mail":"a@b.c","alt":[8,null,"9"]},"tags":["x"],"big":12.5,"none":null}`,
		v1alpha1.MappingRule{When: `headers["x-topic"] == "orders/create"`, Event: &v1alpha1.EventMapping{
			Name: `"Order Completed"`, ID: `body.id`, Time: `body.at`, Channel: `query["c"]`, Initiator: `"brand"`,
			Identities: exprs{"customerId": `body.who.id`, "email": `body.who.mail`, "loyaltyId": `body.who.missing`, "card": `body.who.alt`},
			Traits:     exprs{"tier": `body.?tier`, "vip": `body.who.id == 7`},
			Properties: exprs{"tags": `body.tags`, "big": `body.big`, "gone": `body.none`, "who": `body.who`, "sum": `body.tags.map(x, x + "!")`},
			SessionID:  `body.who.id`, OrderID: `body.id`, Amount: `body.total`, Currency: `body.cur`,
			Survey: &v1alpha1.SurveyMapping{Kind: `"nps"`, Score: `body.n.score`},
		}})
	require.True(t, o.Matched)
	require.Len(t, o.Made, 1)
	require.Nil(t, o.Made[0].Rejection)
	e := o.Made[0].Event
	require.JSONEq(t, `{"vip":true}`, string(e.Traits))
	require.JSONEq(t, `{"tags":["x"],"big":12.5,"who":{"id":7,"mail":"a@b.c","alt":[8,null,"9"]},"sum":["x!"]}`, string(e.Properties))
	e.Traits, e.Properties = nil, nil
	require.Equal(t, event.Event{
		ID: "9007199254740993", Name: "Order Completed", Channel: "store", Initiator: event.Brand, SessionID: "7", OrderID: "9007199254740993",
		Time: time.Date(2026, 11, 21, 10, 14, 57, 250e6, time.UTC).UnixMicro(), Amount: 129_900_000, Currency: "EUR",
		Survey: event.Survey{Kind: "nps", Score: 9_000_000, Scale: 10_000_000},
		Identities: []event.Identity{
			{Type: "card", Value: "8"}, {Type: "card", Value: "9"}, {Type: "customerId", Value: "7"}, {Type: "email", Value: "a@b.c"},
		},
	}, e)
}

// Names with blanks are written as described in the docs.
func TestNamesWithBlanks(t *testing.T) {
	rule := v1alpha1.MappingRule{When: `"Refunded Amount" in body`, Event: &v1alpha1.EventMapping{
		Name: `"Refunded"`, Identities: exprs{"customerId": `body["Customer ID"]`, "email": `body[?"E mail"]`}, Properties: exprs{"amount": `body["Refunded Amount"]`},
	}}
	require.False(t, run(t, `{"Customer ID": "a"}`, rule).Matched)
	o := run(t, `{"Customer ID": "a", "Refunded Amount": "5"}`, rule)
	require.Nil(t, o.Made[0].Rejection)
	require.JSONEq(t, `{"amount":"5"}`, string(o.Made[0].Event.Properties))
}

func TestAllFieldsOfAnObject(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) {
		e.Properties = exprs{"*": `body.p.transformMap(k, v, !k.startsWith("$"), v)`, "a": `"own"`, "b": `body.none`}
		e.Traits = exprs{"*": `body.?t`}
	})}
	o := run(t, `{"type":"x","customer":{"id":1},"p":{"a":1,"b":2,"c":[3],"$d":4,"e f":5,"g":null}}`, rule)
	require.Nil(t, o.Made[0].Rejection)
	require.JSONEq(t, `{"a":"own","b":2,"c":[3]}`, string(o.Made[0].Event.Properties))
	require.Empty(t, o.Made[0].Event.Traits)
	o = run(t, `{"type":"x","customer":{"id":1},"p":{},"t":{"x":true}}`, rule)
	require.JSONEq(t, `{"x":true}`, string(o.Made[0].Event.Traits))
	o = run(t, `{"type":"x","customer":{"id":1},"p":{},"t":7}`, rule)
	require.Equal(t, "mapping-error", o.Made[0].Rejection.Reason)
	require.Contains(t, o.Made[0].Rejection.Message, "an object")
	require.True(t, strings.HasSuffix(o.Made[0].Rejection.Field, "traits.*"), o.Made[0].Rejection.Field)
}

func TestMapTakesTheFirstRuleThatHolds(t *testing.T) {
	drop := v1alpha1.MappingRule{When: `body.type == "ping"`, Drop: &v1alpha1.MappingDrop{}}
	paid := v1alpha1.MappingRule{When: `body.type == "paid"`, Event: eventOf(nil)}
	require.True(t, run(t, `{"type":"ping"}`, drop, paid).Dropped)
	require.Equal(t, "paid", run(t, `{"type":"paid"}`, drop, paid).Made[0].Event.Name)
	require.False(t, run(t, `{"type":"other"}`, drop, paid).Matched)
	require.False(t, run(t, `{}`, drop, paid).Matched, "a missing field makes when false")
	require.False(t, run(t, `{"type":{"a":1}}`, drop, paid).Matched)
}

func TestMapForEach(t *testing.T) {
	rule := v1alpha1.MappingRule{ForEach: `body.lines`, Event: eventOf(func(e *v1alpha1.EventMapping) { e.Name = `item.n` })}
	o := run(t, `{"customer":{"id":1},"lines":[{"n":"a"},{"x":1},{"n":"c"}]}`, rule)
	require.Len(t, o.Made, 3)
	require.Equal(t, "a", o.Made[0].Event.Name)
	require.Empty(t, o.Made[0].Event.ID, "the rule gives none")
	require.Equal(t, []int{0, 1, 2}, []int{o.Made[0].Place, o.Made[1].Place, o.Made[2].Place})
	require.Equal(t, "missing-event-name", o.Made[1].Rejection.Reason)

	o = run(t, `{"lines":[]}`, rule)
	require.True(t, o.Matched)
	require.Empty(t, o.Made)
	require.Equal(t, "too-many-events", run(t, `{"lines":[1,2,3,4,5,6]}`, rule).Made[0].Rejection.Reason)
	require.Equal(t, "mapping-error", run(t, `{"lines":{"a":1}}`, rule).Made[0].Rejection.Reason)
}

// CEL's error texts determine whether a value is missing or an error occurred, so this test depends on the version in use.
func TestMapNamesReasonAndField(t *testing.T) {
	for name, c := range map[string]struct {
		change        func(*v1alpha1.EventMapping)
		reason, field string
	}{
		"id missing":        {func(e *v1alpha1.EventMapping) { e.ID = `body.nope` }, "missing-id", "id"},
		"id empty":          {func(e *v1alpha1.EventMapping) { e.ID = `""` }, "missing-id", "id"},
		"id beyond a list":  {func(e *v1alpha1.EventMapping) { e.ID = `body.list[5]` }, "missing-id", "id"},
		"id is an object":   {func(e *v1alpha1.EventMapping) { e.ID = `body.customer` }, "mapping-error", "id"},
		"name is null":      {func(e *v1alpha1.EventMapping) { e.Name = `body.none` }, "missing-event-name", "name"},
		"time missing":      {func(e *v1alpha1.EventMapping) { e.Time = `body.nope` }, "bad-time", "time"},
		"time is no time":   {func(e *v1alpha1.EventMapping) { e.Time = `body.type` }, "bad-time", "time"},
		"time in ms":        {func(e *v1alpha1.EventMapping) { e.Time = `1795256100123` }, "bad-time", "time"},
		"time conversion":   {func(e *v1alpha1.EventMapping) { e.Time = `timestamp(body.type)` }, "mapping-error", "time"},
		"amount":            {func(e *v1alpha1.EventMapping) { e.Amount, e.Currency = `body.type`, `"EUR"` }, "bad-amount", "amount"},
		"amount too large":  {func(e *v1alpha1.EventMapping) { e.Amount, e.Currency = `"9223372036854.775808"`, `"EUR"` }, "bad-amount", "amount"},
		"no currency":       {func(e *v1alpha1.EventMapping) { e.Amount, e.Currency = `1`, `body.none` }, "bad-amount", "currency"},
		"division by zero":  {func(e *v1alpha1.EventMapping) { e.OrderID = `1 / body.zero` }, "mapping-error", "orderId"},
		"no such overload":  {func(e *v1alpha1.EventMapping) { e.OrderID = `body.type * 2` }, "mapping-error", "orderId"},
		"initiator":         {func(e *v1alpha1.EventMapping) { e.Initiator = `"robot"` }, "mapping-error", "initiator"},
		"identity is a map": {func(e *v1alpha1.EventMapping) { e.Identities["email"] = `body.customer` }, "mapping-error", "identities.email"},
		"survey out of range": {func(e *v1alpha1.EventMapping) {
			e.Survey = &v1alpha1.SurveyMapping{Kind: `"nps"`, Score: `11`}
		}, "mapping-error", "survey.score"},
		"too costly": {func(e *v1alpha1.EventMapping) {
			e.OrderID = `string(body.list.map(a, body.list.map(b, body.list.map(c, body.list.map(d, body.list.map(e, body.list.map(f, a)))))).size())`
		}, "mapping-error", "orderId"},
	} {
		t.Run(name, func(t *testing.T) {
			o := run(t, `{"type":"secret-value","customer":{"id":1},"none":null,"zero":0,"list":[1,2,3,4,5]}`, v1alpha1.MappingRule{Event: eventOf(c.change)})
			r := o.Made[0].Rejection
			require.NotNil(t, r)
			require.Equal(t, c.reason, r.Reason, r.Message)
			require.Equal(t, "mapping[0].event."+c.field, r.Field)
			require.NotContains(t, r.Message, "secret-value")
		})
	}
}

func TestMapOptionalTimeIsTheTimeOfReceipt(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: eventOf(func(e *v1alpha1.EventMapping) { e.Time = `body.?at` })}
	m := run(t, `{"type":"a","customer":{"id":1}}`, rule).Made[0]
	require.Nil(t, m.Rejection)
	e := m.Event
	require.Equal(t, event.TimeFromReceipt, e.TimeSource)
	require.Equal(t, now.UnixMicro(), e.Time)
	e = run(t, `{"type":"a","customer":{"id":1},"at":1795256100.5}`, rule).Made[0].Event
	require.Equal(t, event.TimeFromEvent, e.TimeSource)
	require.Equal(t, int64(1795256100_500000), e.Time)
}

func TestMapHasABudgetForTheWholeRequest(t *testing.T) {
	p, err := mapping.Compile([]v1alpha1.MappingRule{{Event: eventOf(func(e *v1alpha1.EventMapping) {
		e.OrderID = `string(body.list.map(a, body.list.map(b, a)).size())`
	})}})
	require.NoError(t, err)
	body, err := value.Decode([]byte(`{"type":"a","customer":{"id":1},"list":[` + strings.TrimSuffix(strings.Repeat("1,", 50), ",") + `]}`))
	require.NoError(t, err)
	budget := mapping.NewBudget()
	refused := 0
	for range 2000 {
		o := p.Map(&mapping.Input{Body: body, Now: now, Budget: budget, MaxEvents: 1})
		if o.Made[0].Rejection != nil {
			refused++
			require.Contains(t, o.Made[0].Rejection.Message, "cost too much")
		}
	}
	require.Positive(t, refused)
	require.Less(t, refused, 2000)
}

func FuzzMap(f *testing.F) {
	p, err := mapping.Compile([]v1alpha1.MappingRule{
		{When: `body.type == "ping"`, Drop: &v1alpha1.MappingDrop{}},
		{When: `has(body.items)`, ForEach: `body.items`, Event: &v1alpha1.EventMapping{
			Name: `item.name`, ID: `body.id + string(item.n)`, Time: `item.at`, Identities: exprs{"customerId": `[body.a, item.b]`},
			Properties: exprs{"all": `item`},
		}},
		{Event: &v1alpha1.EventMapping{
			Name: `body.type`, ID: `body.id`, Time: `body.at`, Channel: `body.channel`, Initiator: `body.by`,
			Identities: exprs{"customerId": `body.customer.id`, "email": `body.customer.email.lowerAscii()`},
			Traits:     exprs{"t": `body.customer`}, Properties: exprs{"p": `body`, "q": `body.list.map(x, x.y)`},
			SessionID: `body.s`, OrderID: `body.o`, Amount: `body.amount`, Currency: `body.currency`,
			Survey: &v1alpha1.SurveyMapping{Kind: `body.kind`, Score: `body.score`, Scale: `body.scale`},
		}},
	})
	require.NoError(f, err)
	for _, s := range []string{
		`{"type":"ping"}`, `{"items":[{"name":"a","n":1,"at":1},{}],"id":"x","a":1}`, `{"items":{"a":1}}`, `{"items":null}`,
		`{"type":"order","id":7,"at":"2026-11-21T10:14:57Z","customer":{"id":1,"email":"A@b.c"},"amount":"12.5","currency":"EUR","score":3,"kind":"csat"}`,
		`{"type":["a"],"id":{},"at":-1,"amount":1e300,"list":[{"y":1},2]}`, `[]`, `"x"`, `null`, `18446744073709551615`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if value.CheckJSON(raw, 32, 10_000) != nil {
			return
		}
		body, err := value.Decode(raw)
		if err != nil {
			return
		}
		o := p.Map(&mapping.Input{Body: body, Now: now, Budget: mapping.NewBudget(), MaxEvents: 100})
		for _, m := range o.Made {
			if m.Rejection != nil {
				if m.Rejection.Reason == "" || m.Rejection.Message == "" {
					t.Fatalf("a rejection says nothing: %+v", m.Rejection)
				}
				continue
			}
			if m.Event.ID == "" || m.Event.Name == "" {
				t.Fatal("an event has no id or no name")
			}
			for _, raw := range []json.RawMessage{m.Event.Properties, m.Event.Traits} {
				if raw != nil && !json.Valid(raw) {
					t.Fatalf("not JSON: %s", raw)
				}
			}
		}
	})
}

func BenchmarkMap(b *testing.B) {
	p, err := mapping.Compile([]v1alpha1.MappingRule{
		{When: `body.type == "ping"`, Drop: &v1alpha1.MappingDrop{}},
		{When: `body.type == "order.completed"`, Event: &v1alpha1.EventMapping{
			Name: `"Order Completed"`, ID: `body.id`, Time: `body.at`, Amount: `body.amount`, Currency: `body.currency`,
			Identities: exprs{"customerId": `body.customer.id`, "email": `body.customer.email`}, Properties: exprs{"lines": `body.lines`},
		}},
	})
	require.NoError(b, err)
	body, err := value.Decode([]byte(`{"type":"order.completed","id":"wh-1","at":"2026-11-21T10:14:57Z","customer":{"id":"880011",` +
		`"email":"ana@example.test"},"amount":"129.90","currency":"EUR","lines":[{"sku":"a","n":1}]}`))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		o := p.Map(&mapping.Input{Body: body, Now: now, Budget: mapping.NewBudget(), MaxEvents: 100})
		if o.Made[0].Rejection != nil {
			b.Fatal(o.Made[0].Rejection)
		}
	}
}
