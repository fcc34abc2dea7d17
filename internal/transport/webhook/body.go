// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// message is a request with what its body contains.
type message struct {
	*transport.Request
	spec *v1alpha1.WebhookBody

	parsed    bool
	docs      []document
	rejection *reject.Rejection
	values    url.Values
}

// document is one document of a body, or why it is none.
type document struct {
	fields map[string]any
	// shell is the envelope of a part, nil for a whole document.
	shell     *shell
	rejection *reject.Rejection
}

// documents parses the body once, in the format of its content type.
func (m *message) documents() ([]document, *reject.Rejection) {
	if !m.parsed {
		m.parsed = true
		m.docs, m.rejection = m.parse()
	}
	return m.docs, m.rejection
}

func (m *message) parse() ([]document, *reject.Rejection) {
	format, rejection := m.format()
	if rejection != nil {
		return nil, rejection
	}
	body, rejection := m.Body()
	if rejection != nil {
		return nil, rejection
	}
	switch format {
	case v1alpha1.FormatForm:
		return m.ofForm()
	case v1alpha1.FormatXML:
		if rejection := m.reserve(weightXML(body)); rejection != nil {
			return nil, rejection
		}
		return ofXML(body)
	}
	return ofJSON(body)
}

// mediaTypes are the formats of content types.
var mediaTypes = map[string]v1alpha1.BodyFormat{
	"": v1alpha1.FormatJSON, "application/json": v1alpha1.FormatJSON, formType: v1alpha1.FormatForm,
	"text/xml": v1alpha1.FormatXML, "application/xml": v1alpha1.FormatXML, "application/soap+xml": v1alpha1.FormatXML,
}

const formType = "application/x-www-form-urlencoded"

// expected are the content types of formats in messages.
var expected = map[v1alpha1.BodyFormat]string{
	v1alpha1.FormatJSON: "application/json", v1alpha1.FormatForm: formType, v1alpha1.FormatXML: "text/xml",
}

// format returns the format of a body whose content type the source accepts. Some senders call JSON a form.
func (m *message) format() (v1alpha1.BodyFormat, *reject.Rejection) {
	accepted := []v1alpha1.BodyFormat{v1alpha1.FormatJSON}
	if m.spec != nil && len(m.spec.Formats) > 0 {
		accepted = m.spec.Formats
	}
	media := transport.MediaType(m.Request)
	format, ok := mediaTypes[media]
	if strings.HasSuffix(media, "+json") {
		format, ok = v1alpha1.FormatJSON, true
	}
	if ok && media == "" && !slices.Contains(accepted, format) {
		format = accepted[0]
	}
	if format == v1alpha1.FormatForm && slices.Contains(accepted, format) && slices.Contains(accepted, v1alpha1.FormatJSON) {
		if body, rejection := m.Body(); rejection == nil && startsAsJSON(body) {
			format = v1alpha1.FormatJSON
		}
	}
	if ok && slices.Contains(accepted, format) {
		return format, nil
	}
	var list []string
	for _, f := range accepted {
		list = append(list, expected[f])
	}
	return "", transport.Unsupported(strings.Join(list, " or "))
}

func startsAsJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

func ofJSON(body []byte) ([]document, *reject.Rejection) {
	raws, rejection := transport.Document(body)
	if rejection != nil {
		return nil, rejection
	}
	out := make([]document, len(raws))
	for i, raw := range raws {
		decoded, err := value.Decode(raw)
		if err != nil {
			out[i].rejection = transport.NotJSON("")
			continue
		}
		fields, ok := decoded.(map[string]any)
		if !ok {
			out[i].rejection = reject.New(reject.BadJSON, "", "every element of a list must be a JSON object")
		}
		out[i].fields = fields
	}
	return out, nil
}

// field returns the value of a field of a document, or nil.
func field(fields map[string]any, path v1alpha1.DocumentPath) any {
	names := strings.Split(string(path), ".")
	for _, name := range names[:len(names)-1] {
		fields, _ = fields[name].(map[string]any)
	}
	return fields[names[len(names)-1]]
}

// remove deletes a field of a document.
func remove(fields map[string]any, path v1alpha1.DocumentPath) {
	names := strings.Split(string(path), ".")
	for _, name := range names[:len(names)-1] {
		fields, _ = fields[name].(map[string]any)
	}
	delete(fields, names[len(names)-1])
}
