// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package maptest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/recording"
)

var now = time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)

const webhookSource = `
metadata: {name: till, namespace: shop}
spec:
  storeRef: {name: default}
  channel: store
  transport: {webhook: {secretRef: {name: key}, hmac: {header: X-Signature, timestamp: {header: X-Time}, signedContent: [{timestamp: {}}, {literal: "."}, {body: {}}]}}}
  mapping:
  - when: body.?type == optional.of("ping")
    drop: {}
  - when: headers[?"x-topic"].orValue("") == "paid"
    forEach: body.orders
    event:
      name: '"Order Completed"'
      id: item.id
      time: item.?at
      identities:
        customerId: item.?customer
        email: item.?mail
        phone: item.?phone
      amount: item.total
      currency: '"EUR"'
`

const hashingStore = `
metadata: {name: default, namespace: shop}
spec:
  privacy: {hash: [email], pepperSecretRef: {name: pepper}}
  identity: {placeholders: [walk-in]}
`

// test runs recorded requests against a source.
func test(t *testing.T, source string, change func(*Options), recorded string) []Result {
	t.Helper()
	o := Options{Source: &v1alpha1.TouchpointSource{}, Now: now}
	require.NoError(t, yaml.UnmarshalStrict([]byte(source), o.Source))
	if change != nil {
		change(&o)
	}
	tester, err := New(o)
	require.NoError(t, err)
	list, err := recording.Read([]byte(recorded), tester.Form)
	require.NoError(t, err)
	var out []Result
	for i := range list {
		r, err := tester.Run(t.Context(), &list[i])
		require.NoError(t, err)
		out = append(out, *r)
	}
	return out
}

func withStore(pepper string) func(*Options) {
	return func(o *Options) {
		o.Store = &v1alpha1.EventStore{}
		if err := yaml.UnmarshalStrict([]byte(hashingStore), o.Store); err != nil {
			panic(err)
		}
		if pepper != "" {
			o.Pepper = []byte(pepper)
		}
	}
}

const orders = `POST /shop/till/hook HTTP/1.1
X-Topic: paid
Content-Type: application/json
Date: Fri, 01 May 2026 12:00:00 GMT

{"orders": [
 {"id": "1", "at": "2026-05-01T10:00:00Z", "customer": "c1", "mail": " Jane@Example.com ", "phone": "0151 1", "total": "19.90"},
 {"id": "2", "at": "soon", "customer": "c1", "total": "1"},
 {"id": "3", "customer": "walk-in", "total": 5},
 {"id": "4", "customer": "c4", "total": "ten"}]}
`

func TestDocumentsShowWhatBecomesOfThem(t *testing.T) {
	r := test(t, webhookSource, withStore(""), orders)[0]
	require.Equal(t, NotChecked, r.Authentication.Status)
	require.Equal(t, "the header Date", r.Request.ReceivedAtFrom)
	require.Equal(t, 200, r.Answer.Status)
	require.Contains(t, r.Answer.Body, `"accepted":1`)
	require.Contains(t, r.Answer.Body, `"rejectedCount":3`)
	require.Len(t, r.Documents, 1)
	d := r.Documents[0]
	require.Equal(t, "mapping[1]", d.Rule)
	require.Len(t, d.Events, 1)
	e := d.Events[0]
	require.Equal(t, []any{"Order Completed", "1", "rule", "event", "store", "19.90", "EUR"}, []any{e.Name, e.ID, e.IDFrom, e.TimeFrom, e.Channel, e.Amount, e.Currency})
	require.Equal(t, []Identity{{"customerId", "c1", false}, {"email", "jane@example.com", true}}, e.Identities)
	require.Equal(t, []Ignored{
		{"phone", "0151 1", "it is not valid for its type"}, {"customerId", "walk-in", "it is a placeholder, which stands for nobody"},
	}, d.Ignored)
	var refused []string
	for _, f := range d.Refused {
		refused = append(refused, fmt.Sprint(f.Reason, " ", f.Field, " ", f.Value))
	}
	require.Equal(t, []string{"bad-time mapping[1].event.time soon", "missing-identity identities <nil>", "bad-amount mapping[1].event.amount ten"}, refused)
	require.ErrorIs(t, Err([]Result{r}), ErrRefused)

	hashed := test(t, webhookSource, withStore("pepper"), orders)[0].Documents[0].Events[0].Identities
	require.True(t, hashed[1].isHash(), "%v", hashed)
	unhashed := test(t, webhookSource, nil, orders)[0].Documents[0]
	require.Equal(t, Identity{"email", "jane@example.com", false}, unhashed.Events[0].Identities[1])
	require.Len(t, unhashed.Refused, 2, "walk-in is a customer where no store says otherwise")

	var text bytes.Buffer
	require.NoError(t, Print(&text, []Result{r}))
	for _, part := range []string{
		"Request 1 of 1: POST /shop/till/hook, received at 2026-05-01T12:00:00Z (the header Date)\n", "Authentication: not checked, because there is no --secret-file\n",
		"Answer: 200 OK\n", "Document 0, by mapping[1]:\n", "jane@example.com (stored as a hash)\n", "(the value is \"soon\")\n",
		"ignored: the identity customerId with the value \"walk-in\": it is a placeholder, which stands for nobody\n",
	} {
		require.Contains(t, text.String(), part)
	}
}

func TestDocumentsThatAreLeftOut(t *testing.T) {
	r := test(t, webhookSource, nil, `{"headers": {"x-topic": "none"}, "body": [{"type": "ping"}, {"type": "pong"}]}
		{"headers": {"X-Topic": "paid"}, "body": {"orders": []}}`)
	require.Equal(t, "rule", string(r[0].Documents[0].Dropped))
	require.Equal(t, "unmapped", r[0].Documents[1].Refused[0].Reason)
	require.Equal(t, "no elements", string(r[1].Documents[0].Dropped))
	require.NoError(t, Err(r[1:]))
}

func sign(secret, stamp, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "." + body))
	return fmt.Sprintf("%x", h.Sum(nil))
}

// The signature is checked by the bytes of the recording, at the time of receipt.
func TestAuthentication(t *testing.T) {
	body := `{"orders": [{"id":"1", "at": "2026-05-01T10:00:00Z", "customer": "c1", "total": 1.50}]}`
	stamp := fmt.Sprint(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).Unix())
	recorded := "POST / HTTP/1.1\nX-Topic: paid\nContent-Type: application/json\nX-Time: " + stamp + "\nX-Signature: " + sign("right", stamp, body) + "\n\n" + body + "\n"
	with := func(secret string, at time.Time) func(*Options) {
		return func(o *Options) { o.Secret, o.ReceivedAt = []byte(secret), at }
	}
	then := time.Date(2026, 5, 1, 12, 1, 0, 0, time.UTC)
	r := test(t, webhookSource, with("old\nright\n", then), recorded)[0]
	require.Equal(t, Authentication{Status: Valid}, r.Authentication)
	require.Equal(t, 200, r.Answer.Status)
	require.NoError(t, Err([]Result{r}))
	for secret, reason := range map[string]string{"wrong": "bad-signature", "right": "stale-timestamp"} {
		at := then
		if secret == "right" {
			at = time.Time{}
		}
		r := test(t, webhookSource, with(secret, at), recorded)[0]
		require.Equal(t, []any{Invalid, reason, 401}, []any{r.Authentication.Status, r.Authentication.Reason, r.Answer.Status})
		require.Equal(t, reason, r.Refused.Reason)
		require.Equal(t, "Order Completed", r.Documents[0].Events[0].Name, "what a sender with the right key would have sent")
		require.ErrorIs(t, Err([]Result{r}), ErrRefused)
		var text bytes.Buffer
		require.NoError(t, Print(&text, []Result{r}))
		require.Contains(t, text.String(), "Nothing of it is stored.")
		require.Equal(t, reason == "stale-timestamp", strings.Contains(text.String(), "set --received-at"))
		require.NotContains(t, text.String(), "right")
	}
}

func TestSourceOfFiles(t *testing.T) {
	source := &v1alpha1.TouchpointSource{}
	source.Name, source.Spec.Transport.Files = "tills", &v1alpha1.FilesTransport{}
	_, err := New(Options{Source: source})
	require.ErrorContains(t, err, "the source tills takes files, and no requests: kubectl journey preview shows what comes of a file")
}

// A secret that the pod could not use is an error, and not the sender's mistake.
func TestSecretThatCannotBeUsed(t *testing.T) {
	o := Options{Source: &v1alpha1.TouchpointSource{}, Secret: []byte("no hex")}
	require.NoError(t, yaml.UnmarshalStrict([]byte(strings.Replace(webhookSource, "header: X-Signature", "keyEncoding: Hex, header: X-Signature", 1)), o.Source))
	withStore("")(&o)
	_, err := New(o)
	require.ErrorContains(t, err, "keyEncoding")
	require.NotContains(t, err.Error(), "no hex")
}

// What a failed expression used is shown.
func TestInputsOfFailedExpressions(t *testing.T) {
	source := strings.NewReplacer("time: item.?at", `time: localTime(item.at.trim(), "Europe/Berlin")`, "amount: item.total", `amount: minorUnits(item.total, body.currency)`).Replace(webhookSource)
	r := test(t, source, nil, `{"headers": {"X-Topic": "paid"}, "body": {"currency": "euro", "orders": [{"id": 1, "customer": "c", "at": "soon", "total": 1}, {"id": 2, "customer": "c", "at": "2026-05-01", "total": "five"}]}}`)[0]
	refused := r.Documents[0].Refused
	require.Len(t, refused, 2)
	require.Equal(t, map[string]any{"item.at": "soon"}, refused[0].Inputs)
	require.Equal(t, map[string]any{"item.total": "five", "body.currency": "euro"}, refused[1].Inputs)
	var text bytes.Buffer
	require.NoError(t, Print(&text, []Result{r}))
	require.Contains(t, text.String(), `(body.currency is "euro") (item.total is "five")`)
}

// A preset has the recipe, the rules and the channel.
func TestPresets(t *testing.T) {
	const source = `
metadata: {name: web}
spec: {storeRef: {name: default}, preset: shopify, transport: {webhook: {secretRef: {name: shopify}}}}
`
	body := `{"id": 820982911946154508, "email": "jon@example.com", "created_at": "2026-05-01T11:59:00-04:00", "total_price": "10.00", "currency": "EUR", "customer": {"id": 115310627314723954}}`
	mac := hmac.New(sha256.New, []byte("s"))
	mac.Write([]byte(body))
	recorded := "POST /ns/web/ HTTP/1.1\nContent-Type: application/json\nX-Shopify-Topic: orders/create\nX-Shopify-Webhook-Id: w1\nX-Shopify-Hmac-Sha256: " +
		base64.StdEncoding.EncodeToString(mac.Sum(nil)) + "\n\n" + body
	r := test(t, source, func(o *Options) { o.Secret = []byte("s") }, recorded)[0]
	require.Equal(t, Valid, r.Authentication.Status)
	d := r.Documents[0]
	require.Equal(t, "preset[shopify].rules[orders/create]", d.Rule)
	require.Contains(t, d.Events[0].Identities, Identity{"shopifyCustomerId", "115310627314723954", false}, "no digit is lost")
}

// No API is asked: a recording has the record in its document.
func TestRecordsOfFollowUpReads(t *testing.T) {
	const source = `
metadata: {name: crm}
spec:
  storeRef: {name: default}
  channel: support
  transport:
    webhook:
      secretRef: {name: crm}
      hmac: {header: X-Signature}
      followUp:
        baseURL: https://api.example.test
        reads: [{path: '["deals", string(body.id)]'}]
  mapping:
  - event:
      name: '"Deal Won"'
      id: string(body.id)
      time: body.record.closed
      identities: {email: 'body.record.?contact.?email'}
`
	for _, secret := range [][]byte{nil, []byte("s")} {
		r := test(t, source, func(o *Options) { o.Secret = secret }, `{"id": 7, "record": {"closed": "2026-05-01T10:00:00Z", "contact": {"email": "jane@example.com"}}} {"id": 8}`)
		with := r[0].Documents[0]
		require.Empty(t, with.Refused)
		require.Equal(t, []Identity{{"email", "jane@example.com", false}}, with.Events[0].Identities)
		without := r[1].Documents[0].Refused[0]
		require.Equal(t, []string{"bad-time", "mapping[0].event.time"}, []string{without.Reason, without.Field}, "not secret-missing")
	}
}

// The protocols of SDKs answer as their servers do, and documents without a request go to the path of their call.
func TestProtocols(t *testing.T) {
	const source = `
metadata: {name: web}
spec: {storeRef: {name: default}, channel: web, transport: {segment: {secretRef: {name: key}}}}
`
	r := test(t, source, nil, `{"type": "track", "event": "Order Completed", "userId": "u", "messageId": "m1", "timestamp": "2026-05-01T10:00:00Z", "sentAt": "2026-05-01T10:00:01Z"}
		{"batch": [{"type": "track", "event": "A", "userId": "u", "timestamp": "nonsense"}, {"type": "page", "anonymousId": "a", "timestamp": "2026-05-01T10:00:00Z"}]}
		{"path": "/v1/unknown", "body": {}}
		{"method": "OPTIONS", "path": "/v1/track", "headers": {}, "body": null}`)
	require.True(t, r[0].Request.Assumed)
	require.Equal(t, "sentAt of the body", r[0].Request.ReceivedAtFrom)
	e := r[0].Documents[0].Events[0]
	require.Equal(t, []any{"m1", "sender", "corrected"}, []any{e.ID, e.IDFrom, e.TimeFrom})
	require.Empty(t, r[0].Documents[0].Rule)
	f := r[1].Documents[0].Refused[0]
	require.Equal(t, []any{"bad-time", "timestamp", "nonsense"}, []any{f.Reason, f.Field, f.Value})
	require.Equal(t, "content", r[1].Documents[1].Events[0].IDFrom)
	require.Equal(t, []int{404, 204}, []int{r[2].Answer.Status, r[3].Answer.Status})
	require.Equal(t, "*", r[3].Answer.Headers["Access-Control-Allow-Origin"])
	require.Empty(t, r[3].Documents)
}

// The documents of a source that fetches them are shown, too. Nobody gets an answer.
func TestFetchedDocuments(t *testing.T) {
	o := Options{Source: &v1alpha1.TouchpointSource{}, Now: now}
	require.NoError(t, yaml.UnmarshalStrict([]byte(webhookSource), o.Source))
	tester, err := New(o)
	require.NoError(t, err)
	tester.snapshot.Puller = pull.Kind{Open: func(context.Context, pull.Settings) (pull.Reader, error) {
		return nil, errors.New("nothing is fetched")
	}}
	list, err := recording.Read([]byte(`{"headers": {"X-Topic": "paid"}, "body": [{"orders": [{"id": 1, "customer": "c", "total": 1}]}, {"type": "ping"}, {"orders": [{"id": 2}]}]} "text"`), nil)
	require.NoError(t, err)
	r, err := tester.Run(t.Context(), &list[0])
	require.NoError(t, err)
	require.Zero(t, r.Answer.Status)
	require.Len(t, r.Documents, 3)
	require.Equal(t, []any{"1", "receipt"}, []any{r.Documents[0].Events[0].ID, r.Documents[0].Events[0].TimeFrom})
	require.Equal(t, pipeline.ByRule, r.Documents[1].Dropped)
	require.Equal(t, []any{2, "missing-identity"}, []any{r.Documents[2].Index, r.Documents[2].Refused[0].Reason})
	r, err = tester.Run(t.Context(), &list[1])
	require.NoError(t, err)
	require.Equal(t, "bad-json", r.Refused.Reason)
}

// What the server refuses as a whole is refused here: its limits are those of the pod.
func TestLimits(t *testing.T) {
	r := test(t, webhookSource, nil, "POST / HTTP/1.1\nContent-Type: application/json\n\n["+strings.Repeat("0,", 1<<20)+"0]")[0]
	require.Equal(t, "body-too-large", r.Refused.Reason)
	require.Equal(t, 413, r.Answer.Status)
	require.ErrorIs(t, Err([]Result{r}), ErrRefused)
}

// What the customer denied is dropped before any rule sees it, and by the rules of docs/ingest.md.
func TestConsent(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ingest.md"))
	require.NoError(t, err)
	_, rules, ok := strings.Cut(string(page), "put a rule first:\n\n```yaml\n")
	require.True(t, ok)
	rules, _, _ = strings.Cut(rules, "```")
	source := `
metadata: {name: web}
spec:
  storeRef: {name: default}
  channel: web
  transport: {segment: {secretRef: {name: key}}}
  `
	message := func(context, properties string) string {
		return `{"type": "track", "event": "A", "userId": "u", "timestamp": "2026-05-01T10:00:00Z", "context": ` + context + `, "properties": ` + properties + `} `
	}
	sent := message(`{"consent": {"categoryPreferences": {"Analytics": false, "C0002": true}}}`, `{}`) +
		message(`{"consent": {"categoryPreferences": {"Analytics": true, "C0002": true}}}`, `{}`) +
		message(`{}`, `{}`) +
		message(`{"consent": {"categoryPreferences": {"C0002": true}}}`, `{"tcf": {"purpose": {"consents": {"1": true, "8": false}}}}`)
	without, with := test(t, source, nil, sent), test(t, source+strings.ReplaceAll(rules, "\n", "\n  "), nil, sent)
	for i, want := range []struct{ without, with pipeline.LeftOut }{
		{pipeline.NoConsent, pipeline.NoConsent}, {"", ""}, {"", pipeline.ByRule}, {"", pipeline.ByRule},
	} {
		require.Equal(t, want.without, without[i].Documents[0].Dropped, "%d", i)
		require.Equal(t, want.with, with[i].Documents[0].Dropped, "%d", i)
		require.Equal(t, want.with == "", len(with[i].Documents[0].Events) == 1)
	}
	require.Equal(t, `{"success":true,"accepted":0,"dropped":1}`, without[0].Answer.Body)
}
