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

// DropList are the fields that are removed, by the object they are in, as paths.
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

// NewDropList of fields: a name of the properties, or traits. and a name of theirs.
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

// mentions reports whether the object may have one of the fields; a name written with escapes might be any.
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

// remove deletes the field of that very name, and the nested one.
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

// jsonField is a JSON document of an event that is cleaned. It is decoded only when there may be something to do.
type jsonField struct {
	raw *json.RawMessage
	// drop are the fields that are removed, scrub is the scrubber's way with the rest.
	drop  []path
	scrub func(*privacy.Scrubber, any) any
	// decoded is nil while nothing has to be done.
	decoded any
}

// open decodes the document if it has to be, without the dropped fields. One that cannot be decoded is left out altogether.
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

// close writes the document as the scrubber leaves it.
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

// cleanFields takes the dropped fields and what the policy keeps out of the store out of all documents of one event. What one of them calls a
// telephone number is one in the others too.
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
