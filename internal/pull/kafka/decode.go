// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka

import (
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/journeyman-dev/journeyman/internal/pull/message"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// candidates of a message. A message that cannot be decoded is one candidate with the reason.
func (r *reader) candidates(m *kgo.Record) []transport.Candidate {
	if m.Value == nil {
		// It only says that the key has no value any more.
		return []transport.Candidate{{Withheld: true}}
	}
	return r.decode.Candidates(&message.Message{
		Body: m.Value, Place: "kafka:" + r.topics[m.Topic] + ":" + strconv.Itoa(int(m.Partition)) + ":" + strconv.FormatInt(m.Offset, 10),
		Size: size(m), Time: m.Timestamp, Headers: headersOf(m), Where: func() map[string]any { return where(m) },
	})
}

// size of a message in bytes: value, key and headers.
func size(m *kgo.Record) int64 {
	n := len(m.Value) + len(m.Key)
	for i := range m.Headers {
		n += len(m.Headers[i].Key) + len(m.Headers[i].Value)
	}
	return int64(n)
}

func headersOf(m *kgo.Record) map[string]string {
	out := make(map[string]string, len(m.Headers))
	for _, h := range m.Headers {
		out[strings.ToLower(message.Text(h.Key))] = message.Text(string(h.Value))
	}
	return out
}

// where is what rules see as message.
func where(m *kgo.Record) map[string]any {
	return map[string]any{
		"topic": m.Topic, "partition": int64(m.Partition), "offset": m.Offset, "timestamp": m.Timestamp, "key": message.Text(string(m.Key)),
	}
}
