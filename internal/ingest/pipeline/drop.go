// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// DropList holds the fields to remove, as paths, by the object that contains them.
type DropList struct {
	properties, traits []path
}

// path is a field's name and, for a nested field, the names below it.
type path struct {
	full  string
	names []string
	// quoted is the first name as it is in JSON.
	quoted []byte
}

// NewDropList returns a list of fields: names of properties, or names of traits with the prefix traits.
func NewDropList(fields []string) DropList {
	var d DropList
	for _, f := range fields {
		object, name, _ := strings.Cut(f, ".")
		p := path{full: name, names: strings.Split(name, ".")}
		p.quoted = []byte(`"` + p.names[0])
		if object == "traits" {
			d.traits = append(d.traits, p)
		} else {
			d.properties = append(d.properties, p)
		}
	}
	return d
}

// mentions reports whether the object can have one of the fields. A name with escapes could be any.
func mentions(raw []byte, paths []path) bool {
	if len(paths) == 0 {
		return false
	}
	if bytes.Contains(raw, []byte(`\u`)) {
		return true
	}
	for _, p := range paths {
		if bytes.Contains(raw, p.quoted) {
			return true
		}
	}
	return false
}

// remove deletes the field with that exact name, and the nested one.
func (p *path) remove(object map[string]any) {
	delete(object, p.full)
	for _, name := range p.names[:len(p.names)-1] {
		inner, ok := object[name].(map[string]any)
		if !ok {
			return
		}
		object = inner
	}
	delete(object, p.names[len(p.names)-1])
}

// jsonField is a JSON document of an event that is cleaned. It is decoded only if there can be something to clean.
type jsonField struct {
	raw *json.RawMessage
	// drop lists the fields to remove; scrub cleans the rest.
	drop  []path
	scrub func(*privacy.Scrubber, any) any
	// decoded is nil as long as there is nothing to clean.
	decoded any
}

// open decodes the document if necessary, without the dropped fields. A document that cannot be decoded is removed.
func (d *jsonField) open(s *privacy.Scrubber) {
	if len(*d.raw) == 0 || d.decoded != nil || !mentions(*d.raw, d.drop) && !s.Touches(*d.raw) {
		return
	}
	decoded, err := value.DecodeDigits(*d.raw)
	if err != nil {
		*d.raw = nil
		return
	}
	if object, ok := decoded.(map[string]any); ok {
		for i := range d.drop {
			d.drop[i].remove(object)
		}
		if len(object) == 0 {
			*d.raw = nil
			return
		}
	}
	d.decoded = decoded
}

// close encodes the document after cleaning.
func (d *jsonField) close(s *privacy.Scrubber) {
	if d.decoded == nil {
		return
	}
	out, err := value.Encode(d.scrub(s, d.decoded))
	if err != nil {
		out = nil
	}
	*d.raw = out
}

// cleanFields removes the dropped fields, and what the policy keeps out of the store, from all documents of one event. A telephone number in one of
// them is also recognised in the others.
func cleanFields(s *privacy.Scrubber, documents []jsonField) {
	learned := false
	for i := range documents {
		d := &documents[i]
		if d.open(s); d.decoded != nil && s.Learn(d.decoded) {
			learned = true
		}
	}
	for i := range documents {
		if learned {
			documents[i].open(s)
		}
		documents[i].close(s)
	}
}
