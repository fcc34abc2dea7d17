// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plain reads events in their plain form: a flat row of well-known columns, as in a file or a query result.
package plain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport/semantic"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// The plain form of an event is a flat row: the columns below, names that start with "properties.", "traits." or "groups.", and everything else as a
// property. Nested objects with those three names, and "identities", are used unchanged.

// identityColumns are the columns that hold identities.
var identityColumns = []string{"customerId", "loyaltyId", "email", "phone", "deviceId", "anonymousId"}

var eventKinds = map[string]event.Kind{"": event.Track, "track": event.Track, "identify": event.Identify, "alias": event.Alias}

var initiators = map[string]event.Initiator{
	"": event.Customer, "customer": event.Customer, "brand": event.Brand, "system": event.Machine,
}

// plain is a row that is being converted to an event.
type plain struct {
	row                        map[string]any
	e                          event.Event
	properties, traits, groups map[string]any
	err                        *reject.Rejection
}

// Event reads a row in the plain form, with its names and types, and empties it. id is used if the row has none.
func Event(row map[string]any, id string) (*event.Event, *reject.Rejection) {
	p := &plain{row: row, properties: map[string]any{}, traits: map[string]any{}, groups: map[string]any{}}
	p.fixed(id)
	p.money()
	p.survey()
	p.identities()
	p.rest()
	for _, o := range []struct {
		from map[string]any
		to   *json.RawMessage
	}{{p.properties, &p.e.Properties}, {p.traits, &p.e.Traits}, {p.groups, &p.e.Groups}} {
		if len(o.from) == 0 {
			continue
		}
		raw, err := value.Encode(o.from)
		if err != nil {
			p.fail(reject.BadJSON, "row", err.Error())
		}
		*o.to = raw
	}
	return &p.e, p.err
}

func (p *plain) fail(reason, field, what string) {
	if p.err == nil {
		p.err = reject.New(reason, field, what)
	}
}

// take removes a column and returns its text, or an empty text.
func (p *plain) take(name string) string {
	v, ok := p.row[name]
	if !ok {
		return ""
	}
	delete(p.row, name)
	text, ok := value.Text(v)
	if !ok && v != nil {
		p.fail(reject.MappingError, name, "it is neither a text nor a number")
	}
	return text
}

func (p *plain) fixed(id string) {
	at, err := value.Time(p.row["time"])
	delete(p.row, "time")
	if err != nil {
		p.fail(reject.BadTime, "time", err.Error())
	}
	kind, initiator := p.take("kind"), p.take("initiator")
	k, okKind := eventKinds[kind]
	who, okWho := initiators[initiator]
	name := p.take("event")
	if initiator == "" {
		who = semantic.InitiatorOf(value.Clean(name))
	}
	if !okKind {
		p.fail(reject.MappingError, "kind", fmt.Sprintf("unknown kind %q: use track, identify or alias", kind))
	}
	if !okWho {
		p.fail(reject.MappingError, "initiator", fmt.Sprintf("unknown initiator %q: use customer, brand or system", initiator))
	}
	p.e = event.Event{
		ID: cmp.Or(p.take("id"), id), Name: name, Time: at, Kind: k, Initiator: who,
		Channel: p.take("channel"), SessionID: p.take("sessionId"), OrderID: p.take("orderId"),
	}
}

func (p *plain) money() {
	amount, ok := p.row["amount"]
	delete(p.row, "amount")
	currency := strings.ToUpper(p.take("currency"))
	if !ok || isNothing(amount) {
		return // A currency alone is not an amount of 0: the value of the order is unknown.
	}
	p.e.Currency = currency
	micros, err := value.Micros(amount)
	if err != nil {
		p.fail(reject.BadAmount, "amount", err.Error())
	}
	p.e.Amount = micros
	if p.e.Currency == "" {
		p.fail(reject.BadAmount, "currency", "an amount needs its currency, such as EUR")
	}
}

// isNothing reports whether a value means that there is no amount: null, an empty cell, or what databases and spreadsheets write instead.
func isNothing(v any) bool {
	text, ok := v.(string)
	if !ok {
		return v == nil
	}
	if strings.TrimSpace(text) == "" {
		return true
	}
	_, err := value.Micros(text)
	return err != nil && privacy.IsPlaceholder("", text)
}

func (p *plain) survey() {
	p.nestedSurvey()
	kind := p.take("survey.kind")
	score, scale := p.row["survey.score"], p.row["survey.scale"]
	delete(p.row, "survey.score")
	delete(p.row, "survey.scale")
	if kind == "" || isNothing(score) {
		return
	}
	answer, err := value.Survey(kind, score, scale)
	if err != nil {
		p.fail(reject.MappingError, "survey", "the answer "+err.Error())
	}
	p.e.Survey = answer
}

// nestedSurvey reads a survey that is an object, as identities and traits can be. An object with any other content remains a property.
func (p *plain) nestedSurvey() {
	nested, _ := p.row["survey"].(map[string]any)
	if nested["kind"] == nil || nested["score"] == nil {
		return
	}
	for _, name := range []string{"kind", "score", "scale"} {
		v, ok := nested[name]
		if _, taken := p.row["survey."+name]; ok && !taken {
			p.row["survey."+name] = v
			delete(nested, name)
		}
	}
	if len(nested) == 0 {
		delete(p.row, "survey")
	}
}

func (p *plain) identities() {
	add := func(kind, id string) {
		if id != "" {
			p.e.Identities = append(p.e.Identities, event.Identity{Type: kind, Value: id})
		}
	}
	for _, kind := range identityColumns {
		add(kind, p.take(kind))
	}
	nested, _ := p.row["identities"].(map[string]any)
	delete(p.row, "identities")
	for kind, v := range nested {
		text, _ := value.Text(v)
		add(kind, text)
	}
	slices.SortFunc(p.e.Identities, event.CompareIdentities)
}

// rest assigns the remaining columns to properties, traits and groups.
func (p *plain) rest() {
	delete(p.row, "source")
	for name, v := range p.row {
		into, key := p.properties, name
		root, below, dotted := strings.Cut(name, ".")
		switch root {
		case "properties", "traits", "groups":
			into = map[string]map[string]any{"properties": p.properties, "traits": p.traits, "groups": p.groups}[root]
			if dotted {
				key = below
			} else if object, ok := v.(map[string]any); ok {
				for k, inner := range object {
					into[k] = inner
				}
				continue
			}
		}
		if v != nil {
			into[key] = v
		}
	}
}
