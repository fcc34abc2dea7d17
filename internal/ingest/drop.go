// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// dropList are the fields that are removed, by the object they are in, as paths.
type dropList struct {
	properties, traits []path
}

// path is a field's name and, for a nested field, the names below it.
type path struct {
	full  string
	names []string
	// quoted is the first name as it stands in JSON.
	quoted []byte
}

func newDropList(fields []string) dropList {
	var d dropList
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

// mentions tells whether the object may have one of the fields; a name written with escapes might be any.
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

// clean gives a JSON document without the dropped fields and without what the policy keeps out of the store. It is decoded
// only when there may be something to do. A document that cannot be decoded is left out altogether.
func clean(raw json.RawMessage, paths []path, scrubber *privacy.Scrubber) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	if !mentions(raw, paths) && (scrubber == nil || !scrubber.Touches(raw)) {
		return raw
	}
	document, err := value.DecodeDigits(raw)
	if err != nil {
		return nil
	}
	if object, ok := document.(map[string]any); ok {
		for i := range paths {
			paths[i].remove(object)
		}
		if len(object) == 0 {
			return nil
		}
	}
	if scrubber != nil {
		document = scrubber.Value(document)
	}
	out, err := value.Encode(document)
	if err != nil {
		return nil
	}
	return out
}
