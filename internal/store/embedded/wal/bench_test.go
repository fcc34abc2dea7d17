// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"bytes"
	"fmt"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// benchEvent returns an event like that of a web SDK of a shop.
func benchEvent(n int) event.Event {
	at := int64(1_773_000_000_000_000) + int64(n)*7_919_000_000
	return event.Event{
		ID: "01J" + strconv.FormatUint(uint64(n)*0x9e3779b97f4a7c15, 36), Source: "shop", Channel: "web", Name: fmt.Sprint("Event Number ", n%20),
		Time: at, ReceivedAt: at + 1_000_000, SessionID: strconv.Itoa(n * 7),
		Identities: []event.Identity{{Type: "anonymousId", Value: "a-" + strconv.Itoa(n%1000)}},
		Properties: fmt.Appendf(nil, `{"campaign":"spring","url":"https://shop.example/p/%d","price":%d}`, n%5000, n%20000),
	}
}

// BenchmarkEncode compares a commit in the log with the same events as an Arrow IPC message without its schema.
func BenchmarkEncode(b *testing.B) {
	for _, size := range []int{1, 200} {
		c := &Commit{Source: "shop"}
		for i := range size {
			c.Events, c.Indexes = append(c.Events, benchEvent(i)), append(c.Indexes, int32(i))
		}
		b.Run(fmt.Sprintf("log/events=%d", size), func(b *testing.B) {
			var body []byte
			for b.Loop() {
				var err error
				body, err = appendCommit(body[:0], c)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(body))/float64(size), "B/event")
		})
		b.Run(fmt.Sprintf("arrow/events=%d", size), func(b *testing.B) {
			var out bytes.Buffer
			w := ipc.NewWriter(&out, ipc.WithSchema(event.Schema))
			encode := func() {
				out.Reset()
				record := event.ToRecord(memory.DefaultAllocator, c.Events)
				require.NoError(b, w.Write(record))
				record.Release()
			}
			encode()
			for b.Loop() {
				encode()
			}
			b.ReportMetric(float64(out.Len())/float64(size), "B/event")
		})
	}
}
