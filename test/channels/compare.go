// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// differ collects the differences between a sample and its result.
type differ struct {
	found []string
}

func (d *differ) want(what string, want, got any) {
	if fmt.Sprint(want) != fmt.Sprint(got) {
		d.found = append(d.found, fmt.Sprintf("%s: want %v, got %v", what, want, got))
	}
}

// compare returns the differences. accepted is the status of the transport for a request whose events were stored.
func compare(s *Sample, accepted int, got *received) []string {
	d := &differ{}
	d.response(s, accepted, got)
	d.events(s, got.events)
	return d.found
}

// events compares the events in the store with those that the sample expects.
func (d *differ) events(s *Sample, got []event.Event) {
	d.want("number of events", len(s.Expect), len(got))
	if len(s.Expect) == len(got) {
		for i := range s.Expect {
			d.event(fmt.Sprintf("event %d", i), &s.Expect[i], &got[i], s)
		}
	}
}

// response compares the status, and the headers and the body that the sample names.
func (d *differ) response(s *Sample, accepted int, got *received) {
	want := Respond{Status: http.StatusUnauthorized}
	switch {
	case s.Respond != nil:
		want = *s.Respond
	case s.Valid:
		want.Status = accepted
	case s.secret() == "" && got.status >= 400 && got.status < 500:
		// Without a secret, a request is refused for what it says.
		want.Status = got.status
	}
	if want.Status != got.status {
		d.found = append(d.found, fmt.Sprintf("status: want %d, got %d %s", want.Status, got.status, shorten(got.body)))
	}
	for _, k := range slices.Sorted(maps.Keys(want.Headers)) {
		if !sameHeader(want.Headers[k], got.header.Get(k)) {
			d.want("header "+k, want.Headers[k], got.header.Get(k))
		}
	}
	if len(want.Body) > 0 && !sameBody(want.Body, got.body) {
		d.want("body", string(want.Body), string(got.body))
	}
}

// sameHeader compares media types without their parameters if the sample gives none.
func sameHeader(want, got string) bool {
	if strings.EqualFold(want, got) {
		return true
	}
	t, params, err := mime.ParseMediaType(got)
	return err == nil && strings.Contains(want, "/") && len(params) > 0 && strings.EqualFold(want, t)
}

// sameBody compares texts byte by byte without the blanks around them, and JSON by value.
func sameBody(want json.RawMessage, got []byte) bool {
	var text string
	if json.Unmarshal(want, &text) == nil && strings.TrimSpace(text) == strings.TrimSpace(string(got)) {
		return true
	}
	if text != "" {
		want = json.RawMessage(text)
	}
	var a, b any
	return json.Unmarshal(want, &a) == nil && json.Unmarshal(got, &b) == nil && covers(a, b) && covers(b, a)
}

func shorten(b []byte) string {
	const most = 200
	return string(b[:min(len(b), most)])
}

func (d *differ) event(at string, want *Event, got *event.Event, s *Sample) {
	d.want(at+" name", want.Event, got.Name)
	d.want(at+" channel", want.Channel, got.Channel)
	switch {
	case got.ID == "":
		d.found = append(d.found, at+" has no id")
	case want.ID == "sha256-of-body" && strings.HasPrefix(got.ID, "sha256:"):
	default:
		d.want(at+" id", cmp.Or(insertID(s, want.ID), want.ID), got.ID)
	}
	d.want(at+" time", occurredAt(want, got, s).UTC(), time.UnixMicro(got.Time).UTC())
	d.identities(at, want, got)
	d.money(at, want, got)
	if want.Survey != nil {
		answer, err := value.Survey(want.Survey.Kind, number(want.Survey.Score), number(want.Survey.Scale))
		if err != nil {
			d.found = append(d.found, at+" survey: the sample's "+err.Error())
		}
		d.want(at+" survey", answer, got.Survey)
	} else if got.Survey.Kind != "" {
		d.want(at+" survey", "none", got.Survey)
	}
	d.properties(at, want, got)
}

// number returns the text of a JSON number or text, or nil.
func number(raw json.RawMessage) any {
	if text := value.RawText(raw); text != "" {
		return text
	}
	return nil
}

// occurredAt is the time of the sample. The samples of Segment have the sender's time, which ingestion corrects by sentAt.
func occurredAt(want *Event, got *event.Event, s *Sample) time.Time {
	var body struct{ SentAt time.Time }
	if got.TimeSource != event.TimeFromSent || json.Unmarshal([]byte(s.Request.Body), &body) != nil || body.SentAt.IsZero() {
		return want.OccurredAt
	}
	return want.OccurredAt.Add(s.Now.Sub(body.SentAt))
}

// known are the types of identities that mean the same in every system.
var known = map[string]bool{"customerId": true, "loyaltyId": true, "email": true, "phone": true, "deviceId": true, "anonymousId": true}

// identities compares the identities. A vendor's own number of a person has a type of its own: a sample that calls it customerId means that type, and
// such an identity may also be there in addition.
func (d *differ) identities(at string, want *Event, got *event.Event) {
	left := map[event.Identity]bool{}
	for _, i := range got.Identities {
		left[i] = true
	}
	for _, t := range slices.Sorted(maps.Keys(want.Identity)) {
		for _, v := range texts(want.Identity[t]) {
			if i, ok := find(left, t, v); ok {
				delete(left, i)
				continue
			}
			d.found = append(d.found, fmt.Sprintf("%s identity %s=%s is missing: got %v", at, t, v, got.Identities))
		}
	}
	for i := range left {
		if known[i.Type] {
			d.found = append(d.found, fmt.Sprintf("%s identity %s=%s is unexpected", at, i.Type, i.Value))
		}
	}
}

// texts returns the values of an expected identity: a text or number, or a list of these.
func texts(raw json.RawMessage) (out []string) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	for _, v := range list {
		out = append(out, value.RawText(v))
	}
	return out
}

func find(left map[event.Identity]bool, t, v string) (event.Identity, bool) {
	if i := (event.Identity{Type: t, Value: v}); left[i] {
		return i, true
	}
	for i := range left {
		if t == "customerId" && i.Value == v && !known[i.Type] {
			return i, true
		}
	}
	return event.Identity{}, false
}

func (d *differ) money(at string, want *Event, got *event.Event) {
	d.want(at+" currency", value.RawText(want.Value.Currency), got.Currency)
	amount := int64(0)
	if text := value.RawText(want.Value.Amount); text != "" {
		var err error
		if amount, err = value.Micros(text); err != nil {
			d.found = append(d.found, at+" amount: the sample's value "+err.Error())
		}
	}
	if got.Currency == "" && amount != 0 {
		d.number(at, amount, got)
		amount = 0
	}
	d.want(at+" amount in micro-units", amount, got.Amount)
}

// number compares an amount without a currency, which has no meaning as an amount. It stays as the property from which an amount is made.
func (d *differ) number(at string, amount int64, got *event.Event) {
	for _, name := range []string{"total", "revenue", "value"} {
		if v, err := value.Micros(value.RawScalar(value.Lookup(got.Properties, name))); err == nil && v == amount {
			return
		}
	}
	d.found = append(d.found, at+" amount: no property has the number of the sample, which has no currency")
}

// properties compares the properties that the sample names. An event has the id and the products of an order in fields of their own.
func (d *differ) properties(at string, want *Event, got *event.Event) {
	have := map[string]any{}
	if len(got.Properties) > 0 {
		d.decode(at+" properties", got.Properties, &have)
	}
	if _, ok := have["order_id"]; !ok && got.OrderID != "" {
		have["order_id"] = got.OrderID
	}
	if _, ok := have["products"]; !ok && len(got.Items) > 0 {
		var items any
		d.decode(at+" items", got.Items, &items)
		have["products"] = items
	}
	for _, k := range slices.Sorted(maps.Keys(want.Properties)) {
		if !covers(want.Properties[k], have[k]) {
			d.want(at+" property "+k, jsonText(want.Properties[k]), jsonText(have[k]))
		}
	}
}

func (d *differ) decode(what string, raw []byte, out any) {
	if err := json.Unmarshal(raw, out); err != nil {
		d.found = append(d.found, what+": "+err.Error())
	}
}

func jsonText(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// covers reports whether got has everything that want has: the same texts, numbers by value, all elements of lists, and the named fields of objects.
func covers(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for k, v := range w {
			ok = ok && covers(v, g[k])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(w)
		for i := 0; ok && i < len(w); i++ {
			ok = covers(w[i], g[i])
		}
		return ok
	}
	return fmt.Sprint(want) == fmt.Sprint(got)
}
