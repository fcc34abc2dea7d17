// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
)

// drawMessage draws a message of Segment. Half of them have no messageId.
func drawMessage(t *rapid.T, i int) map[string]any {
	m := map[string]any{
		"type": "track", "event": rapid.SampledFrom([]string{"Product Viewed", "Product Added", "Order Completed"}).Draw(t, "event"),
		"anonymousId": fmt.Sprintf("anon-%d", rapid.IntRange(1, 5).Draw(t, "anonymous")),
		"timestamp":   time.Date(2026, 11, 21, 10, 0, i, 0, time.UTC).Format(time.RFC3339),
		"properties": map[string]any{
			"n": i, "price": rapid.Float64Range(0, 1000).Draw(t, "price"), "text": rapid.String().Draw(t, "text"), "nested": map[string]any{"a": 1, "b": []int{1, 2}},
		},
	}
	if rapid.Bool().Draw(t, "has messageId") {
		m["messageId"] = fmt.Sprintf("m-%d", i)
	}
	return m
}

// deliver sends the messages in batches of any size and order, compressed or not, each with a different sentAt.
func deliver(t *rapid.T, p *pod, messages []map[string]any, label string) {
	order := rapid.Permutation(messages).Draw(t, label)
	for len(order) > 0 {
		n := rapid.IntRange(1, len(order)).Draw(t, "batch")
		sentAt := testNow.Add(time.Duration(rapid.IntRange(-3600, 3600).Draw(t, "skew")) * time.Second).Format(time.RFC3339)
		var body []byte
		var err error
		path := "/v1/batch"
		if n == 1 && rapid.Bool().Draw(t, "single") {
			path = "/shop/till/v1/track"
			one := map[string]any{"sentAt": sentAt, "writeKey": "test-write-key"}
			for k, v := range order[0] {
				one[k] = v
			}
			body, err = json.Marshal(one)
		} else {
			body, err = json.MarshalIndent(map[string]any{"batch": order[:n], "sentAt": sentAt, "writeKey": "test-write-key"}, "", rapid.SampledFrom([]string{"",
				" "}).Draw(t, "indent"))
		}
		require.NoError(t, err)
		header := []string{"Content-Type", "text/plain"}
		text := string(body)
		if rapid.Bool().Draw(t, "gzip") {
			text, header = gzipped(p.t, text), append(header, "Content-Encoding", "gzip")
		}
		r := p.send(http.MethodPost, path, text, header...)
		require.Equal(t, 200, r.Code, r.ResponseRecorder.Body.String())
		require.Empty(t, r.Body.Rejected)
		order = order[n:]
	}
}

func keys(events []event.Event) map[event.Key]int {
	out := map[event.Key]int{}
	for i := range events {
		out[events[i].Key()]++
	}
	return out
}

// Messages that are delivered repeatedly, in any way, are the same events.
func TestRedeliveredMessagesAreTheSameEvents(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := newPod(t, segmentSpec(), "test-write-key")
		defer p.close()
		messages := make([]map[string]any, rapid.IntRange(1, 12).Draw(rt, "messages"))
		for i := range messages {
			messages[i] = drawMessage(rt, i)
		}
		deliver(rt, p, messages, "first")
		first := keys(p.store.events())
		require.Len(rt, first, len(messages), "different messages are different events")
		p.clock = testNow.Add(time.Duration(rapid.IntRange(0, 86400).Draw(rt, "later")) * time.Second)
		deliver(rt, p, messages, "again")
		second := keys(p.store.events())
		require.Len(rt, second, len(messages))
		for k, n := range second {
			require.Equal(rt, 2, n, "%v", k)
		}
	})
}

// If only some items of a document are accepted, a redelivery has the same keys for these items.
func TestItemsOfADocumentKeepTheirKeys(t *testing.T) {
	rule := v1alpha1.MappingRule{ForEach: `body.lines`, Event: &v1alpha1.EventMapping{
		Name: `"Product Added"`, Time: `item.at`, Identities: exprs{"customerId": `body.who`},
	}}
	p := newPod(t, openSpec(rule), "")
	good := `{"who":7,"lines":[{"at":1795256100,"sku":"a"},{"at":"bad"},{"at":1795256102,"sku":"c"}]}`
	r := p.send(http.MethodPost, "/", good)
	require.Equal(t, 2, r.Body.Accepted)
	require.Len(t, r.Body.Rejected, 1)
	again := `[{"lines":[{"sku":"a","at":1795256100},{"at":"bad"},{"sku":"c","at":1795256102}],"who":7}]`
	require.Equal(t, 2, p.send(http.MethodPost, "/", again).Body.Accepted)
	for k, n := range keys(p.store.events()) {
		require.Equal(t, 2, n, "%v", k)
	}
}
