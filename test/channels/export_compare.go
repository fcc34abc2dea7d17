// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// compare finds the expected event of each new one. It returns the number of new ones that are optional.
func (s *shelf) compare(d *differ, e *Export, events []event.Event, matched []bool) (optional int64) {
	for i := range events {
		best, fewest := -1, []string(nil)
		for n := range e.Expect {
			want := &e.Expect[n]
			if matched[n] || want.Event.Event != events[i].Name {
				continue
			}
			one := &differ{}
			one.exported(fmt.Sprintf("event of %s", want.At), want, &events[i], e)
			if best < 0 || len(one.found) < len(fewest) {
				best, fewest = n, one.found
			}
		}
		if best < 0 {
			d.found = append(d.found, fmt.Sprintf("unexpected event %q at %s, id %s", events[i].Name,
				time.UnixMicro(events[i].Time).UTC().Format(time.RFC3339Nano), events[i].ID))
			continue
		}
		matched[best] = true
		if e.Expect[best].Optional {
			optional++
		}
		d.found = append(d.found, fewest...)
	}
	return optional
}

// exported compares an event with the expected one.
func (d *differ) exported(at string, want *ExportEvent, got *event.Event, e *Export) {
	if want.Channel != "" {
		d.want(at+" channel", want.Channel, got.Channel)
	}
	if want.OccurredAt != nil {
		d.want(at+" time", want.OccurredAt.UTC(), time.UnixMicro(got.Time).UTC())
	}
	if want.Initiator != "" {
		d.want(at+" initiator", want.Initiator, initiatorName(got.Initiator))
	}
	if e.IDRule.Form == "native" && want.ID != "" && !strings.HasSuffix(got.ID, want.ID) {
		d.want(at+" id", want.ID, got.ID)
	}
	if id := value.RawText(want.OrderID); id != "" {
		d.want(at+" orderId", id, got.OrderID)
	}
	d.people(at, want, got)
	if len(want.Value.Currency) > 0 {
		d.money(at, &want.Event, got)
	} else if got.Currency != "" {
		d.want(at+" amount", "none", got.Amount)
	}
	if want.Survey != nil {
		answer, err := value.Survey(want.Survey.Kind, number(want.Survey.Score), number(want.Survey.Scale))
		if err != nil {
			d.found = append(d.found, at+" survey: the sample's "+err.Error())
		}
		d.want(at+" survey", answer, got.Survey)
	}
	d.exportedProperties(at, want, got)
}

func initiatorName(i event.Initiator) string {
	return map[event.Initiator]string{event.Customer: "customer", event.Brand: "brand", event.Machine: "system"}[i]
}

// people compares the identities. The vendor's number can be there under a type of its own.
func (d *differ) people(at string, want *ExportEvent, got *event.Event) {
	left := map[event.Identity]bool{}
	for _, i := range got.Identities {
		left[i] = true
	}
	for _, t := range slices.Sorted(maps.Keys(want.Identity)) {
		for _, v := range texts(want.Identity[t]) {
			i, ok := find(left, t, v)
			if !ok {
				d.found = append(d.found, fmt.Sprintf("%s identity %s=%s is missing: got %v", at, t, v, got.Identities))
			}
			delete(left, i)
		}
	}
	for i := range left {
		allowed := !known[i.Type] || value.RawText(want.VendorIdentity) == i.Value
		for _, v := range texts(want.IdentityAllowed[i.Type]) {
			allowed = allowed || v == i.Value
		}
		if !allowed {
			d.found = append(d.found, fmt.Sprintf("%s identity %s=%s is unexpected", at, i.Type, i.Value))
		}
	}
}

// exportedProperties compares the properties that the sample names, products by their fields and numbers by their values.
func (d *differ) exportedProperties(at string, want *ExportEvent, got *event.Event) {
	have := map[string]any{}
	if len(got.Properties) > 0 {
		d.decode(at+" properties", got.Properties, &have)
	}
	if len(got.Items) > 0 {
		var items any
		d.decode(at+" items", got.Items, &items)
		have["products"] = items
	}
	for _, k := range slices.Sorted(maps.Keys(want.Properties)) {
		if !covers(want.Properties[k], have[k]) && !hasEach(want.Properties[k], have[k]) && !covers(plainText(want.Properties[k]), plainText(have[k])) {
			d.want(at+" property "+k, jsonText(want.Properties[k]), jsonText(have[k]))
		}
	}
}

// plainText returns a scalar as a text.
func plainText(v any) any {
	if raw, err := json.Marshal(v); err == nil {
		if text := value.RawText(raw); text != "" {
			return text
		}
	}
	return v
}

// hasEach reports whether a list has each of the expected elements, perhaps with others between them.
func hasEach(want, got any) bool {
	w, isList := want.([]any)
	g, _ := got.([]any)
	if !isList {
		return false
	}
	for _, v := range w {
		i := slices.IndexFunc(g, func(e any) bool { return covers(v, e) })
		if i < 0 {
			return false
		}
		g = g[i+1:]
	}
	return true
}
