// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/cloudevents"
	"github.com/journeyman-dev/journeyman/internal/transport/segment"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// decoder splits the value of a message into candidates, without what all messages have.
type decoder func(m *kgo.Record) ([]transport.Candidate, *reject.Rejection)

func newDecoder(spec *v1alpha1.TouchpointSourceSpec, format v1alpha1.KafkaFormat) (decoder, error) {
	// The brokers have authenticated whoever wrote the message, so it counts as recorded.
	settings := transport.Settings{Spec: spec, Recorded: true}
	switch format {
	case v1alpha1.KafkaCloudEvents:
		t, err := cloudevents.Kind.New(settings)
		return func(m *kgo.Record) ([]transport.Candidate, *reject.Rejection) {
			return decoded(t, m, "/", cloudEventHeaders(m))
		}, err
	case v1alpha1.KafkaSegment:
		t, err := segment.Kind.New(settings)
		return func(m *kgo.Record) ([]transport.Candidate, *reject.Rejection) {
			return decoded(t, m, segmentPath(m.Value), http.Header{"Content-Type": {"application/json"}})
		}, err
	}
	return documents, nil
}

// candidates of a message. A message that cannot be decoded is one candidate with the reason.
func (r *reader) candidates(m *kgo.Record) []transport.Candidate {
	list, rejection := []transport.Candidate(nil), (*reject.Rejection)(nil)
	switch {
	case m.Value == nil:
		// It only says that the key has no value any more.
		return []transport.Candidate{{Withheld: true}}
	case int64(len(m.Value)) > r.MaxDocument:
		rejection = reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the value has more than %d bytes; raise limits.maxBodySize", r.MaxDocument))
	default:
		list, rejection = r.decode(m)
	}
	if rejection != nil {
		return []transport.Candidate{{Rejection: rejection}}
	}
	id := "kafka:" + r.topics[m.Topic] + ":" + strconv.Itoa(int(m.Partition)) + ":" + strconv.FormatInt(m.Offset, 10)
	headers := headersOf(m)
	for i := range list {
		c := &list[i]
		if c.Rejection != nil {
			continue
		}
		own := id
		if len(list) > 1 {
			own += "." + strconv.Itoa(i)
		}
		if c.ID == "" {
			c.ID, c.Scope = own, ""
		}
		// It is the id also if that of the message turns out to be a placeholder, such as "undefined".
		c.ContentID = func() (string, *reject.Rejection) { return own, nil }
		if !c.HasTime && m.Timestamp.UnixMilli() > 0 {
			c.Time, c.TimeSource, c.HasTime = m.Timestamp.UnixMicro(), event.TimeFromSent, true
		}
		c.Headers, c.Message = headers, func() map[string]any { return where(m) }
	}
	return list
}

// documents are JSON objects: usually one, or a list.
func documents(m *kgo.Record) ([]transport.Candidate, *reject.Rejection) {
	list, rejection := transport.Document(m.Value)
	if rejection != nil {
		return nil, rejection
	}
	out := make([]transport.Candidate, len(list))
	for i, raw := range list {
		out[i] = transport.Candidate{Body: func() (any, error) { return value.Decode(raw) }}
	}
	return out, nil
}

// decoded decodes a message as the request that another transport would receive.
func decoded(t transport.Transport, m *kgo.Record, path string, h http.Header) ([]transport.Candidate, *reject.Rejection) {
	d, rejection := t.Decode(&transport.Request{
		Method: http.MethodPost, Path: path, Header: h, Length: int64(len(m.Value)), ReceivedAt: m.Timestamp,
		Body: func() ([]byte, *reject.Rejection) { return m.Value, nil },
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

// cloudEventHeaders returns the attributes of the binary content mode (ce_id, ce_type, …) as headers of HTTP.
func cloudEventHeaders(m *kgo.Record) http.Header {
	h := http.Header{}
	for _, kv := range m.Headers {
		name := strings.ToLower(kv.Key)
		switch attribute, binary := strings.CutPrefix(name, "ce_"); {
		case binary:
			// The protocol for HTTP encodes percent signs, that for Kafka does not.
			h.Set("Ce-"+attribute, strings.ReplaceAll(string(kv.Value), "%", "%25"))
		case name == "content-type":
			h.Set("Content-Type", string(kv.Value))
		}
	}
	return h
}

func headersOf(m *kgo.Record) map[string]string {
	out := make(map[string]string, len(m.Headers))
	for _, h := range m.Headers {
		out[strings.ToLower(strings.ToValidUTF8(h.Key, ""))] = strings.ToValidUTF8(string(h.Value), "")
	}
	return out
}

// where is what rules see as message.
func where(m *kgo.Record) map[string]any {
	return map[string]any{
		"topic": m.Topic, "partition": int64(m.Partition), "offset": m.Offset, "timestamp": m.Timestamp, "key": strings.ToValidUTF8(string(m.Key), ""),
	}
}
