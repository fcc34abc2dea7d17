// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"maps"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// envelope is the field of a part that has what is around it.
const envelope = "envelope"

// parts splits the documents by the lists of the spec, one after the other.
func (t *adapter) parts(documents []document) ([]document, *reject.Rejection) {
	if t.spec.Body == nil {
		return documents, nil
	}
	for _, path := range t.spec.Body.Split {
		var out []document
		for _, d := range documents {
			if out = append(out, d.split(path)...); len(out) > transport.MaxEvents {
				return nil, transport.TooMany()
			}
		}
		documents = out
	}
	return documents, nil
}

// split returns the elements of a list as documents, or the document itself if it has no such list. XML with one element has no list.
func (d document) split(path v1alpha1.DocumentPath) []document {
	if d.rejection != nil {
		return []document{d}
	}
	list, ok := field(d.fields, path).([]any)
	if one, single := field(d.fields, path).(map[string]any); single {
		list, ok = []any{one}, true
	}
	if !ok || len(list) == 0 {
		return []document{d}
	}
	around := without(d.fields, strings.Split(string(path), "."))
	s := &shell{fields: around, outer: d.shell}
	out := make([]document, 0, len(list))
	for _, element := range list {
		fields, ok := element.(map[string]any)
		if !ok {
			out = append(out, document{rejection: reject.New(reject.BadJSON, string(path), "every element of the list must be an object")})
			continue
		}
		fields[envelope] = around
		out = append(out, document{fields: fields, shell: s})
	}
	return out
}

// shell is the envelope of parts. Its content is hashed once for all of them: a large envelope of thousands of parts must not be hashed thousands of times.
type shell struct {
	fields map[string]any
	outer  *shell
	id     string
	err    *reject.Rejection
}

func (s *shell) contentID() (string, *reject.Rejection) {
	if s.id == "" && s.err == nil {
		s.id, s.err = contentID(s.fields, s.outer)
	}
	return s.id, s.err
}

// contentID returns the id of a document by its content, in which an envelope counts by its id.
func contentID(fields map[string]any, s *shell) (string, *reject.Rejection) {
	if s == nil {
		return transport.ContentID(fields)
	}
	around, rejection := s.contentID()
	if rejection != nil {
		return "", rejection
	}
	fields = maps.Clone(fields)
	fields[envelope] = around
	return transport.ContentID(fields)
}

// without returns a copy of an object without the field. What is not on the way to the field is shared.
func without(fields map[string]any, names []string) map[string]any {
	out := maps.Clone(fields)
	if len(names) == 1 {
		delete(out, names[0])
	} else if inner, ok := out[names[0]].(map[string]any); ok {
		out[names[0]] = without(inner, names[1:])
	}
	return out
}
