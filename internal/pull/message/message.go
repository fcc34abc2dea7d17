// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package message decodes the messages of brokers into candidates, in the formats that all brokers share: JSON, CloudEvents and Segment's messages.
package message

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/cloudevents"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Message of a broker.
type Message struct {
	// Body of the message.
	Body []byte
	// ID is what the publisher set as the id of the message, for documents without an id; empty if there is none.
	ID string
	// Place identifies the message in the source, and is the same when it is delivered again. It is the id of documents that have none, or a placeholder
	// such as "undefined"; empty if the broker tells no place.
	Place string
	// Size in bytes, with headers and what else the message has; 0 for that of the body.
	Size int64
	// Time is when the message was written; zero if that is unknown.
	Time time.Time
	// Headers by lower-case name; see Headers.
	Headers map[string]string
	// Where is what mapping rules see as message.
	Where func() map[string]any
}

// Decoder decodes messages of one format.
type Decoder struct {
	max    int64
	prefix string
	encode bool
	decode func(m *Message) ([]transport.Candidate, *reject.Rejection)
}

// Options of a decoder.
type Options struct {
	Spec   *v1alpha1.TouchpointSourceSpec
	Format v1alpha1.MessageFormat
	// Attributes is the prefix of headers that are attributes of a CloudEvent in the binary content mode. Literal is set if the protocol does not encode
	// percent signs in their values.
	Attributes string
	Literal    bool
	// MaxDocument is the size of a message in bytes. A larger one is set aside.
	MaxDocument int64
}

// New returns a decoder.
func New(o Options) (*Decoder, error) {
	d := &Decoder{max: o.MaxDocument, prefix: o.Attributes, encode: o.Literal, decode: documents}
	// The broker has authenticated whoever wrote the message, so it counts as recorded.
	settings := transport.Settings{Spec: o.Spec, Recorded: true}
	switch o.Format {
	case v1alpha1.MessagesCloudEvents:
		t, err := cloudevents.Kind.New(settings)
		d.decode = func(m *Message) ([]transport.Candidate, *reject.Rejection) {
			return request(t, m, "/", d.attributes(m))
		}
		return d, err
	case v1alpha1.MessagesSegment:
		t, err := segment.Kind.New(settings)
		d.decode = func(m *Message) ([]transport.Candidate, *reject.Rejection) {
			return request(t, m, segmentPath(m.Body), http.Header{"Content-Type": {"application/json"}})
		}
		return d, err
	}
	return d, nil
}

// Candidates of a message. A message that cannot be decoded is one candidate with the reason.
func (d *Decoder) Candidates(m *Message) []transport.Candidate {
	if max(m.Size, int64(len(m.Body))) > d.max {
		return []transport.Candidate{{Rejection: d.TooLarge()}}
	}
	list, rejection := d.decode(m)
	if rejection != nil {
		return []transport.Candidate{{Rejection: rejection}}
	}
	for i := range list {
		c := &list[i]
		if c.Rejection != nil {
			continue
		}
		mark := ""
		if len(list) > 1 {
			mark = "." + strconv.Itoa(i)
		}
		identify(c, m, mark)
		if !c.HasTime && m.Time.UnixMilli() > 0 {
			c.Time, c.TimeSource, c.HasTime = m.Time.UnixMicro(), event.TimeFromSent, true
		}
		c.Headers, c.Message = m.Headers, m.Where
	}
	return list
}

// TooLarge is the reason for setting aside a message that is larger than MaxDocument.
func (d *Decoder) TooLarge() *reject.Rejection {
	return reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the message has more than %d bytes; raise limits.maxBodySize", d.max))
}

// identify sets the id of a document of a message, whose mark is empty if it is the only one.
func identify(c *transport.Candidate, m *Message, mark string) {
	if c.ID == "" && m.ID != "" {
		c.ID, c.Scope = m.ID+mark, ""
	}
	content := c.ContentID
	switch {
	case m.Place != "":
		c.Place = m.Place + mark
	case m.Time.UnixMilli() > 0:
		// Equal messages of different times are different.
		c.ContentID = func() (string, *reject.Rejection) {
			id, r := content()
			return id + "@" + strconv.FormatInt(m.Time.UnixMilli(), 10), r
		}
	}
}

// documents are JSON objects: usually one, or a list.
func documents(m *Message) ([]transport.Candidate, *reject.Rejection) {
	list, rejection := transport.Document(m.Body)
	if rejection != nil {
		return nil, rejection
	}
	out := make([]transport.Candidate, len(list))
	for i, raw := range list {
		body := func() (any, error) { return value.Decode(raw) }
		out[i] = transport.Candidate{Body: body, ContentID: func() (string, *reject.Rejection) {
			document, err := body()
			if err != nil {
				return "", transport.NotJSON("")
			}
			return transport.ContentID(document)
		}}
	}
	return out, nil
}

// request decodes a message as the request that another transport would receive.
func request(t transport.Transport, m *Message, path string, h http.Header) ([]transport.Candidate, *reject.Rejection) {
	d, rejection := t.Decode(&transport.Request{
		Method: http.MethodPost, Path: path, Header: h, Length: int64(len(m.Body)), ReceivedAt: m.Time,
		Body: func() ([]byte, *reject.Rejection) { return m.Body, nil },
	})
	if rejection == nil && len(d.Candidates) == 0 {
		rejection = transport.NotJSON("")
	}
	return d.Candidates, rejection
}

// segmentPath returns the path for a message by its type. Without one, it is a track call.
func segmentPath(raw []byte) string {
	call := value.RawText(value.Lookup(raw, "type"))
	if call == "" || strings.ContainsAny(call, "/.") {
		call = "track"
	}
	return "/v1/" + call
}

// attributes returns the attributes of the binary content mode as headers of HTTP.
func (d *Decoder) attributes(m *Message) http.Header {
	h := http.Header{}
	for name, v := range m.Headers {
		attribute, binary := strings.CutPrefix(name, d.prefix)
		switch {
		case name == "content-type":
			h.Set("Content-Type", v)
		case d.prefix == "" && strings.ContainsFunc(name, isNoAttribute): // a property of something else
		case binary && d.encode:
			h.Set("Ce-"+attribute, strings.ReplaceAll(v, "%", "%25"))
		case binary:
			h.Set("Ce-"+attribute, v)
		}
	}
	return h
}

// isNoAttribute reports whether names of attributes cannot have the character.
func isNoAttribute(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// Text returns a name or a value of a header as valid UTF-8.
func Text(s string) string { return strings.ToValidUTF8(s, "") }
