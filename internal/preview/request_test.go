// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

var sourceOf = previewtest.SourceOf

const shopRules = `  transport: {webhook: {secretRef: {name: k}, hmac: {header: X-Shop-Signature, algorithm: SHA256, encoding: Base64}}}
  mapping:
  - when: headers[?"x-shop-topic"].orValue("") == "orders/paid"
    event: {name: '"Order Completed"', time: body.at, identities: {customerId: body.card}, amount: body.total, currency: '"EUR"', id: 'headers["x-shop-id"]'}
  - when: headers[?"x-shop-topic"].orValue("") == "views"
    event: {name: '"Looked"', time: body.at, identities: {customerId: body.card}, properties: {price: "4"}}
`

// reached returns the numbers of customers who entered and converted in the first stage.
func reached(t *testing.T, p *Preview) [2]int64 {
	t.Helper()
	objects, err := p.Objects(t.Context())
	require.NoError(t, err)
	s := objects[0].Status.(*v1alpha1.JourneyMapStatus).Stages[0]
	return [2]int64{s.Entered, s.Converted}
}

// Files of messages are read as their source would.
func TestMessages(t *testing.T) {
	const after = `{"type":"track","event":"Looked","messageId":"z","userId":"z","timestamp":"2026-05-09T10:00:00Z"}` + "\n"
	segment := sourceOf("app", "  transport: {segment: {secretRef: {name: k}}}\n")
	events := write(t, "segment.ndjson", strings.Join([]string{
		`{"type":"track","event":"Looked","messageId":"1","userId":"u","anonymousId":"a","timestamp":"2026-05-01T10:00:00Z","sentAt":"2026-05-01T10:00:05Z","properties":{"price":4}}`,
		`{"type":"track","event":"Looked","messageId":"1","userId":"u","anonymousId":"a","timestamp":"2026-05-01T10:00:00Z","sentAt":"2026-05-01T10:00:05Z","properties":{"price":4}}`,
		`{"batch":[{"type":"track","event":"Email Delivered","messageId":"2","userId":"u","timestamp":"2026-05-01T10:01:00Z"},
			{"type":"track","event":"Order Completed","messageId":"3","anonymousId":"a","timestamp":"2026-05-01T11:00:00Z","properties":{"order_id":"o","revenue":5,"currency":"EUR"}}]}`,
		`{"type":"trak","userId":"u","timestamp":"2026-05-01T10:00:00Z"}`,
	}, "\n")+"\n"+after)
	events = write(t, "segment.ndjson", strings.ReplaceAll(read(t, events), ",\n\t\t\t", ","))
	p, err := open(t, strings.Replace(manifests, "order: Ordered", "order: Strict", 1)+segment, events)
	require.NoError(t, err)
	require.Equal(t, []int64{5, 5, 1, 1}, []int64{p.Filled.Rows, p.Filled.Events, p.Filled.Duplicates, p.Filled.Refused}, "%v", p.Filled.Lines())
	require.Equal(t, [2]int64{1, 1}, reached(t, p), "what the brand did does not stand between the customer's events")

	cloud := sourceOf("bus", "  transport: {cloudEvents: {secretRef: {name: k}}}\n")
	p, err = open(t, manifests+cloud, write(t, "cloud.json", `[
		{"specversion":"1.0","id":"1","source":"/s","type":"Looked","time":"2026-05-01T10:00:00Z","customerid":"u","data":{"price":4}},
		{"specversion":"1.0","id":"2","source":"/s","type":"Order Completed","time":"2026-05-01T11:00:00Z","data":{"userId":"u"}},
		{"specversion":"1.0","id":"3","source":"/s","type":"Other","time":"2026-05-09T11:00:00Z","data":{"userId":"u"}},
		{"specversion":"1.0","id":"4","type":"Looked","time":"2026-05-01T10:00:00Z","customerid":"u"}]`))
	require.NoError(t, err)
	require.Equal(t, []int64{4, 3, 1}, []int64{p.Filled.Rows, p.Filled.Events, p.Filled.Refused})
	require.Equal(t, [2]int64{1, 1}, reached(t, p))
}

func read(t *testing.T, path string) string {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(raw)
}

// Mapping rules can use the headers of recorded requests: a column next to the fields of the document, or next to its body.
func TestHeaders(t *testing.T) {
	p, err := open(t, manifests+sourceOf("shop", shopRules), write(t, "hooks.ndjson", strings.Join([]string{
		`{"headers":{"X-Shop-Topic":"views"},"at":"2026-05-01T10:00:00Z","card":"u"}`,
		`{"headers":{"x-shop-topic":["orders/paid"],"X-Shop-Id":"d1"},"body":{"at":"2026-05-01T11:00:00Z","card":"u","total":5}}`,
		`{"headers":{"x-shop-topic":["orders/paid"],"X-Shop-Id":"d1"},"body":"{\"at\":\"2026-05-01T11:00:00Z\",\"card\":\"u\",\"total\":5}"}`,
		`{"headers":{"X-Shop-Topic":"views"},"at":"2026-05-09T10:00:00Z","card":"z"}`,
	}, "\n")))
	require.NoError(t, err)
	require.Equal(t, []int64{4, 4, 1}, []int64{p.Filled.Rows, p.Filled.Events, p.Filled.Duplicates}, "%v", p.Filled.Lines())
	require.Equal(t, [2]int64{1, 1}, reached(t, p))
}

// Recorded requests are accepted like in a pod, but without authentication.
func TestRequests(t *testing.T) {
	preview := func(text, source string, requests ...string) (*Preview, error) {
		set, err := manifest.Load(t.Context(), []string{"-"}, strings.NewReader(text))
		require.NoError(t, err)
		p, err := Open(t.Context(), Options{Manifests: set, Requests: requests, Source: source, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			t.Cleanup(func() { require.NoError(t, p.Close()) })
		}
		return p, err
	}
	head := "POST /default/shop/ HTTP/1.1\r\nHost: x\r\nX-Shop-Signature: gone\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
	look := write(t, "look.http", head+"X-Shop-Topic: views\r\n\r\n"+`[{"at":"2026-05-01T10:00:00Z","card":"u"},{"at":"2026-05-09T10:00:00Z","card":"v"}]`+"\r\n")
	buy := write(t, "buy.http", strings.ReplaceAll(head, "\r\n", "\n")+"X-Shop-Topic: orders/paid\nX-Shop-Id: 1\n\n"+`{"at":"2026-05-01T11:00:00Z","card":"u","total":"5.50"}`)
	segment := write(t, "segment.http", "POST /v1/track HTTP/1.1\nAuthorization: Basic c2VjcmV0Og==\nDate: Fri, 01 May 2026 10:00:09 GMT\n\n"+
		`{"event":"Looked","userId":"w","timestamp":"2026-05-01T10:00:00Z","sentAt":"2026-05-01T10:00:04Z","properties":{"price":4}}`)
	both := manifests + sourceOf("shop", shopRules) + sourceOf("app", "  transport: {segment: {secretRef: {name: k}}}\n")
	p, err := preview(both, "", look, buy)
	require.NoError(t, err)
	require.Equal(t, []int64{3, 3, 0}, []int64{p.Filled.Rows, p.Filled.Events, p.Filled.Refused}, "%v", p.Filled.Lines())
	require.Equal(t, [2]int64{1, 1}, reached(t, p))
	p, err = preview(both, "app", segment)
	require.NoError(t, err)
	require.Equal(t, "2026-05-01T10:00:05Z", p.AsOf().Format("2006-01-02T15:04:05Z07:00"), "the clock of the sender was five seconds slow")
	_, err = preview(both, "", segment)
	require.ErrorContains(t, err, "set --source")
	_, err = preview(both, "shop", write(t, "no.http", "hello\n"))
	require.ErrorContains(t, err, "it is not an HTTP request")
	_, err = preview(both, "shop", write(t, "get.http", "GET / HTTP/1.1\n\n"))
	require.ErrorContains(t, err, "the request contains no event: the source responds with status 405")
	_, err = preview(both, "app", write(t, "unknown.http", "POST /v1/nothing HTTP/1.1\n\n{}"))
	require.ErrorContains(t, err, "the source responds with status 404")
}
