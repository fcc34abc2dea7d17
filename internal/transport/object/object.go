// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package object builds JSON objects from the parts of a message, without decoding these.
package object

import (
	"encoding/json"

	"github.com/journeyman-dev/journeyman/internal/decimal"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxDigits is the length of a text that can become a number.
const maxDigits = 32

// Object is a JSON object in the making. The zero value is empty. If a name is set again, the first value stays.
type Object struct {
	fields []value.Field
	names  map[string]bool
}

// Raw adds a valid JSON value, unless it is empty or null.
func (o *Object) Raw(name string, raw []byte) {
	if k := value.Kind(raw); k == 0 || k == 'n' || o.names[name] {
		return
	}
	if o.names == nil {
		o.names = map[string]bool{}
	}
	o.names[name] = true
	o.fields = append(o.fields, value.Field{Name: name, Raw: raw})
}

// Text adds a text, unless it is empty.
func (o *Object) Text(name, text string) {
	if text == "" {
		return
	}
	if raw, err := value.Encode(text); err == nil {
		o.Raw(name, raw)
	}
}

// Number adds a decimal number that was sent as a text. Any other text is added as it is.
func (o *Object) Number(name, text string) {
	if len(text) <= maxDigits {
		if n, ok := decimal.Parse(text); ok {
			o.Raw(name, []byte(n.String()))
			return
		}
	}
	o.Text(name, text)
}

// JSON returns the object, or nil if it is empty.
func (o *Object) JSON() json.RawMessage {
	return value.Rewrite(nil, func([]byte) bool { return false }, o.fields)
}

// Add adds the fields of an object under other names. A name that is not listed stays as it is; an empty one drops the field.
func (o *Object) Add(raw []byte, names map[string]string) {
	for k, v := range value.Fields(raw) {
		name, listed := names[string(k)]
		switch {
		case !listed:
			o.Raw(string(k), v)
		case name != "":
			o.Raw(name, v)
		}
	}
}

// List returns the list with the fields of its objects under other names, as Add writes them. Elements that are no objects are left out. It returns nil
// if no element is left.
func List(raw []byte, names map[string]string) json.RawMessage {
	var list []json.RawMessage
	for e := range value.Elements(raw) {
		var o Object
		o.Add(e, names)
		if out := o.JSON(); out != nil {
			list = append(list, out)
		}
	}
	return Join(list)
}

// Join returns a list of the values, or nil if there are none.
func Join(list []json.RawMessage) json.RawMessage {
	if len(list) == 0 {
		return nil
	}
	out := []byte{'['}
	for i, e := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, e...)
	}
	return append(out, ']')
}
