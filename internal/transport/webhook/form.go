// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxFields is the number of fields of a form, so that its document needs little more memory than its text.
const maxFields = 10_000

// form returns the values of a form as they were sent. A body of another type has none.
func (m *message) form() (url.Values, *reject.Rejection) {
	if m.values != nil {
		return m.values, nil
	}
	if transport.MediaType(m.Request) != formType {
		m.values = url.Values{}
		return m.values, nil
	}
	body, rejection := m.Body()
	if rejection != nil {
		return nil, rejection
	}
	if bytes.Count(body, []byte{'&'}) >= maxFields {
		return nil, reject.New(reject.TooDeep, "", fmt.Sprintf("the form has more than %d fields", maxFields))
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, notForm
	}
	m.values = values
	return values, nil
}

var notForm = reject.New(reject.BadJSON, "", "not a valid form in UTF-8")

// ofForm returns the form as a document. data[email] is the field email of the object data; a name that is repeated, or ends with [], is a list.
func (m *message) ofForm() ([]document, *reject.Rejection) {
	values, rejection := m.form()
	if rejection != nil {
		return nil, rejection
	}
	if rejection := m.reserveForm(); rejection != nil {
		return nil, rejection
	}
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if rejection := put(root, name, values[name]); rejection != nil {
			return nil, rejection
		}
	}
	if m.spec == nil {
		return []document{{fields: root}}, nil
	}
	for _, name := range m.spec.JSONFields {
		if text, ok := root[name].(string); ok {
			if rejection := transport.CheckJSON([]byte(text)); rejection != nil {
				return nil, rejection
			}
			decoded, err := value.Decode([]byte(text))
			if err != nil {
				return nil, transport.NotJSON(name)
			}
			root[name] = decoded
		}
	}
	return []document{{fields: root}}, nil
}

// reserveForm waits for the memory of the document. The body does not show it: each bracket in a name is an object, and both brackets and the JSON of a
// field can be percent-encoded.
func (m *message) reserveForm() *reject.Rejection {
	var names []byte
	for name, texts := range m.values {
		names = append(names, strings.ReplaceAll(name, "[", "{,")...)
		for _, text := range texts {
			names = append(names, ',')
			if m.spec != nil && slices.Contains(m.spec.JSONFields, name) {
				names = append(names, text...)
			}
		}
	}
	return m.reserve(names)
}

// reserve waits for the memory that a document with as many objects and values as this JSON needs.
func (m *message) reserve(like []byte) *reject.Rejection {
	if m.Reserve == nil {
		return nil
	}
	return m.Reserve(like)
}

// put sets a field by its name with brackets. A field in a text is ignored: data=a&data[email]=b.
func put(object map[string]any, name string, texts []string) *reject.Rejection {
	names := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
	list := len(names) > 1 && names[len(names)-1] == ""
	if list {
		names = names[:len(names)-1]
	}
	if len(names) > transport.MaxDepth {
		return reject.New(reject.TooDeep, "", fmt.Sprintf("the form is nested more than %d levels deep", transport.MaxDepth))
	}
	for _, n := range names[:len(names)-1] {
		inner, ok := object[n].(map[string]any)
		if !ok && object[n] != nil {
			return nil
		}
		if !ok {
			inner = map[string]any{}
			object[n] = inner
		}
		object = inner
	}
	var v any = strings.ToValidUTF8(texts[0], "\uFFFD")
	if list || len(texts) > 1 {
		all := make([]any, len(texts))
		for i, t := range texts {
			all[i] = strings.ToValidUTF8(t, "\uFFFD")
		}
		v = all
	}
	if last := names[len(names)-1]; object[last] == nil {
		object[last] = v
	}
	return nil
}
