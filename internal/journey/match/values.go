// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// field is the place of a value in a row.
type field uint8

const (
	fieldProperties field = iota
	fieldTraits
	fieldGroups
	fieldEvent
	fieldChannel
	fieldSource
	fieldSessionID
	fieldOrderID
	fieldCurrency
	fieldAmount
	fieldSurveyKind
	fieldSurveyScore
)

// Key is a parsed key of a condition.
type Key struct {
	field field
	path  string // below properties, traits or groups
}

var columns = map[string]field{
	"event": fieldEvent, "channel": fieldChannel, "source": fieldSource, "sessionId": fieldSessionID,
	"orderId": fieldOrderID, "currency": fieldCurrency, "amount": fieldAmount,
	"survey.kind": fieldSurveyKind, "survey.score": fieldSurveyScore,
}

// ParseKey parses a key as conditions write it: event, amount, properties.plan, traits.tier, groups.company.plan. It returns an error if there is no such key.
func ParseKey(s string) (Key, error) {
	if f, ok := columns[s]; ok {
		return Key{field: f}, nil
	}
	root, path, _ := strings.Cut(s, ".")
	if path != "" {
		switch root {
		case "properties":
			return Key{field: fieldProperties, path: path}, nil
		case "traits":
			return Key{field: fieldTraits, path: path}, nil
		case "groups":
			return Key{field: fieldGroups, path: path}, nil
		}
	}
	return Key{}, fmt.Errorf("there is no key %q", s)
}

// Values reads the values of one row, for conditions and for Readers. A JSON object is parsed when it is first needed, and at most once for a row.
type Values struct {
	// Row that is read.
	Row                *journey.Row
	properties, groups object
	// known is the state of the person of the row.
	known *Known
	// touchpoints are the indices of the touchpoints that the row makes; names holds the names of all touchpoints.
	touchpoints []uint16
	names       []journey.TouchpointName
	// Texts numbers the texts that readers keep from a row.
	Texts *journey.Texts
}

// NewValues returns a reader of rows of the person in known; names are the touchpoints of the map.
func NewValues(known *Known, names []journey.TouchpointName, texts *journey.Texts) *Values {
	return &Values{known: known, names: names, Texts: texts}
}

// Makes sets the touchpoints that the row makes, by their indices.
func (v *Values) Makes(touchpoints []uint16) { v.touchpoints = touchpoints }

// Reset sets the row to read.
func (v *Values) Reset(r *journey.Row) {
	v.Row = r
	v.properties.reset(r.Properties)
	v.groups.reset(r.Groups)
}

// Touchpoint returns the first touchpoint of the map that the row makes, as stage/touchpoint, or an empty text.
func (v *Values) Touchpoint() string {
	if len(v.touchpoints) == 0 {
		return ""
	}
	name := v.names[v.touchpoints[0]]
	return name.Stage + "/" + name.Touchpoint
}

// Stage returns the stage of the first touchpoint of the map that the row makes, or an empty text.
func (v *Values) Stage() string {
	if len(v.touchpoints) == 0 {
		return ""
	}
	return v.names[v.touchpoints[0]].Stage
}

// Get returns the value of a key as text. ok is false if there is none; empty columns and null count as missing. Traits are those of the person at
// the time of the row, including those of the row itself.
func (v *Values) Get(k Key) (value string, ok bool) {
	switch k.field {
	case fieldProperties:
		return v.properties.get(k.path)
	case fieldTraits:
		return v.known.traits.at(k.path, v.Row.Time)
	case fieldGroups:
		return v.groups.get(k.path)
	case fieldEvent:
		value = v.Row.Name
	case fieldChannel:
		value = v.Row.Channel
	case fieldSource:
		value = v.Row.Source
	case fieldSessionID:
		value = v.Row.SessionID
	case fieldOrderID:
		value = v.Row.OrderID
	case fieldCurrency:
		value = v.Row.Currency
	case fieldAmount:
		if v.Row.Currency != "" {
			value = number.MicroText(v.Row.Amount)
		}
	case fieldSurveyKind:
		value = v.Row.SurveyKind
	case fieldSurveyScore:
		if v.Row.SurveyKind != "" {
			value = number.MicroText(v.Row.Score)
		}
	}
	return value, value != ""
}

// object is a JSON object that is parsed on demand.
type object struct {
	raw    string
	parsed bool
	fields map[string]json.RawMessage
}

func (o *object) reset(raw string) {
	o.raw, o.parsed = raw, false
}

// get returns the value at a path. A text that is not a JSON object has no values.
func (o *object) get(path string) (string, bool) {
	value, ok := o.find(path)
	if !ok {
		return "", false
	}
	return text(value)
}

// find returns the raw value at a path, including null.
func (o *object) find(path string) (json.RawMessage, bool) {
	if o.raw == "" {
		return nil, false
	}
	if !o.parsed {
		o.parsed = true
		clear(o.fields)
		if json.Unmarshal([]byte(o.raw), &o.fields) != nil {
			clear(o.fields)
		}
	}
	return findIn(o.fields, path)
}

// findIn first looks for the whole path as one key, because a key can contain dots, then level by level.
func findIn(fields map[string]json.RawMessage, path string) (json.RawMessage, bool) {
	if value, ok := fields[path]; ok {
		return value, true
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		value, ok := fields[path[:i]]
		if !ok {
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(value, &inner) != nil {
			continue
		}
		if found, ok := findIn(inner, path[i+1:]); ok {
			return found, true
		}
	}
	return nil, false
}

// text returns a JSON value as text: a string without its quotes, anything else unchanged. Null counts as missing.
func text(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return "", false
	}
	if raw[0] != '"' {
		return string(raw), true
	}
	if bytes.IndexByte(raw, '\\') < 0 && len(raw) >= 2 {
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}
