// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package cloudevents

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	ce "github.com/cloudevents/sdk-go/v2/event"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// structuredCandidate decodes one event in JSON, whose syntax has been checked.
func structuredCandidate(raw []byte) transport.Candidate {
	if r := checkAttributes(func(name string) string { return value.RawText(value.Lookup(raw, name)) }); r != nil {
		return transport.Candidate{Rejection: r}
	}
	var e ce.Event
	if err := e.UnmarshalJSON(raw); err != nil || e.Validate() != nil {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "not a CloudEvent: an attribute has a wrong type or form")}
	}
	return candidate(&e)
}

// binaryCandidate reads the attributes from the headers. It does not use the SDK's HTTP reader, which does not decode percent-encoding and panics on
// a header that consists only of the prefix.
func binaryCandidate(r *transport.Request, body []byte) transport.Candidate {
	attributes := map[string]string{}
	for k, v := range r.Header {
		if name, ok := strings.CutPrefix(k, headerPrefix); ok && isName(strings.ToLower(name)) && len(v) > 0 {
			attributes[strings.ToLower(name)] = unescape(v[0])
		}
	}
	if rejection := checkAttributes(func(name string) string { return attributes[name] }); rejection != nil {
		return transport.Candidate{Rejection: rejection}
	}
	e := ce.New(specVersion)
	e.DataEncoded = body
	if t := r.Header.Get("Content-Type"); t != "" {
		e.SetDataContentType(t)
	}
	for name, v := range attributes {
		setAttribute(&e, name, v)
	}
	if e.Validate() != nil {
		return transport.Candidate{Rejection: reject.New(reject.BadJSON, "", "not a CloudEvent: an attribute has a wrong form")}
	}
	if isJSON(&e) {
		if rejection := rejectUnlessJSON(body); len(body) > 0 && rejection != nil {
			return transport.Candidate{Rejection: rejection}
		}
	}
	return candidate(&e)
}

func setAttribute(e *ce.Event, name, v string) {
	switch name {
	case "specversion":
	case "id":
		e.SetID(v)
	case "source":
		e.SetSource(v)
	case "type":
		e.SetType(v)
	case "subject":
		e.SetSubject(v)
	case "dataschema":
		e.SetDataSchema(v)
	case "time":
		// checkAttributes has already parsed it.
		if t, err := value.ParseTime(v); err == nil {
			e.SetTime(t)
		}
	default:
		e.SetExtension(name, v)
	}
}

// isName reports whether s can be the name of an attribute: lowercase letters and digits.
func isName(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// unescape decodes the percent-encoding of header values. Anything else is unchanged. The SDK for JavaScript does not encode: its headers are in the
// encoding that HTTP once had, ISO 8859-1.
func unescape(s string) string {
	s = strings.Trim(s, `"`)
	if out, err := url.PathUnescape(s); err == nil {
		s = out
	}
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// checkAttributes returns the attribute that is missing or invalid; the SDK would not name it.
func checkAttributes(get func(name string) string) *reject.Rejection {
	switch {
	case get("specversion") != specVersion:
		return reject.New(reject.BadJSON, "specversion", "the version must be 1.0")
	case get("id") == "":
		return reject.New(reject.MissingID, "id", "a CloudEvent needs an id")
	case get("source") == "":
		return reject.New(reject.MissingID, "source", "a CloudEvent needs a source: source and id together identify it")
	case get("type") == "":
		return reject.New(reject.MissingEventName, "type", "a CloudEvent needs a type")
	}
	if t := get("time"); t != "" {
		if _, err := value.Time(t); err != nil {
			return reject.New(reject.BadTime, "time", "the value "+err.Error())
		}
	}
	return nil
}

func candidate(e *ce.Event) transport.Candidate {
	c := transport.Candidate{
		ID: e.ID(), Scope: e.Source(),
		ContentID: func() (string, *reject.Rejection) {
			d, err := document(e)
			if err != nil {
				return "", transport.NotJSON("data")
			}
			return transport.ContentID(d)
		},
		Body:    func() (any, error) { return document(e) },
		BuiltIn: func() (*event.Event, *reject.Rejection) { return builtIn(e) },
	}
	if t := e.Time(); !t.IsZero() {
		c.Time, c.TimeSource, c.HasTime = t.UnixMicro(), event.TimeFromEvent, true
	}
	return c
}

// document returns the event in structured form, for mapping rules. Data that is not JSON is a text.
func document(e *ce.Event) (any, error) {
	out := map[string]any{"specversion": e.SpecVersion(), "id": e.ID(), "source": e.Source(), "type": e.Type()}
	for name, v := range map[string]string{
		"subject": e.Subject(), "dataschema": e.DataSchema(), "datacontenttype": e.DataContentType(),
	} {
		if v != "" {
			out[name] = v
		}
	}
	if t := e.Time(); !t.IsZero() {
		out["time"] = t.UTC().Format(time.RFC3339Nano)
	}
	for name, v := range e.Extensions() {
		out[name] = extension(v)
	}
	if len(e.Data()) == 0 {
		return out, nil
	}
	if !isJSON(e) {
		out["data"] = strings.ToValidUTF8(string(e.Data()), "\uFFFD")
		return out, nil
	}
	data, err := value.Decode(e.Data())
	out["data"] = data
	return out, err
}

func isJSON(e *ce.Event) bool {
	media, _, _ := strings.Cut(e.DataContentType(), ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "" || media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
