// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// sample is a recorded request with its expected result, in the neutral form of the shared collection.
type sample struct {
	Name    string
	Request struct {
		Method, Path, Body string
		Headers            map[string]string
	}
	Secret  string
	Valid   bool
	Now     time.Time
	Respond struct {
		Status  int
		Headers map[string]string
	}
	Expect []struct {
		Event, Channel, ID string
		OccurredAt         time.Time
		Identity           map[string]string
		Value              struct{ Amount, Currency string }
		Properties         map[string]any
	}
}

// samples returns samples of the shared collection, or skips the test.
func samples(t *testing.T, name string) []sample {
	t.Helper()
	dir := os.Getenv("JOURNEYMAN_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	raw, err := os.ReadFile(filepath.Join(dir, "payloads", name))
	if os.IsNotExist(err) {
		t.Skipf("the shared samples are not here: %v", err)
	}
	require.NoError(t, err)
	var out []sample
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

func secretRef() *v1alpha1.SecretKeyReference { return &v1alpha1.SecretKeyReference{Name: "keys"} }

func hook(recipe v1alpha1.HMACRecipe, rules ...v1alpha1.MappingRule) v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{SecretRef: secretRef(), HMAC: &recipe}}, Mapping: rules,
	}
}

// webhookSpec returns the source for a sample of a webhook.
func webhookSpec(s *sample) v1alpha1.TouchpointSourceSpec {
	stamped := func(header string) *v1alpha1.SignatureTimestamp { return &v1alpha1.SignatureTimestamp{Header: header} }
	marker := &v1alpha1.SignedPartMarker{}
	switch {
	case s.Request.Headers["webhook-signature"] != "":
		return hook(v1alpha1.HMACRecipe{
			Header: "webhook-signature", Format: "SpaceList", Prefix: "v1,", Encoding: "Base64", KeyEncoding: "Base64", Timestamp: stamped("webhook-timestamp"),
			SignedContent: []v1alpha1.SignedPart{{Header: "webhook-id"}, {Literal: "."}, {Timestamp: marker}, {Literal: "."}, {Body: marker}},
		}, orderRule())
	case s.Request.Headers["X-Timestamp"] != "":
		return hook(v1alpha1.HMACRecipe{
			Header: "X-Signature", Prefix: "v1=", Timestamp: stamped("X-Timestamp"),
			SignedContent: []v1alpha1.SignedPart{{Timestamp: marker}, {Literal: "."}, {Body: marker}},
		}, orderRule())
	case s.Request.Headers["X-Hub-Signature-256"] != "":
		return hook(v1alpha1.HMACRecipe{Header: "X-Hub-Signature-256", Prefix: "sha256="}, orderRule())
	}
	spec := openSpec(orderRule())
	spec.Transport.Webhook.Unauthenticated, spec.Transport.Webhook.Bearer = nil, &v1alpha1.BearerAuth{}
	spec.Transport.Webhook.SecretRef = secretRef()
	return spec
}

// messageRule maps a message of Segment that arrives through Segment's signed webhooks.
func messageRule() v1alpha1.MappingRule {
	return v1alpha1.MappingRule{When: `body.type == "track"`, Event: &v1alpha1.EventMapping{
		Name: `body.event`, ID: `body.messageId`, Time: `body.timestamp`, OrderID: `body.properties.order_id`,
		Identities: exprs{"customerId": `body.userId`, "anonymousId": `body.anonymousId`, "email": `body.context.traits.email`},
		Properties: exprs{"order_id": `body.properties.order_id`}, Amount: `body.properties.total`, Currency: `body.properties.currency`,
	}}
}

// segmentSampleSpec returns the source for a sample of Segment, by its path.
func segmentSampleSpec(s *sample) v1alpha1.TouchpointSourceSpec {
	if strings.Contains(s.Request.Path, "/hooks/") {
		return hook(v1alpha1.HMACRecipe{Header: "X-Signature", Algorithm: "SHA1"}, messageRule())
	}
	return segmentSpec()
}

// cloudEventRule renames a type, and maps identities and money.
func cloudEventRule() v1alpha1.MappingRule {
	return v1alpha1.MappingRule{When: `body.type == "com.example.shop.order.completed"`, Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, OrderID: `body.subject`, Amount: `body.data.total`, Currency: `body.data.currency`,
		Identities: exprs{"customerId": `body.data.customer_id`, "email": `body.data.email`}, Properties: exprs{"order_id": `body.data.order_id`},
	}}
}

func cloudEventsSpec(*sample) v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: secretRef()}},
		Mapping:   []v1alpha1.MappingRule{cloudEventRule()},
	}
}

func TestSharedSamples(t *testing.T) {
	for file, spec := range map[string]func(*sample) v1alpha1.TouchpointSourceSpec{
		"webhook.json": webhookSpec, "segment.json": segmentSampleSpec, "cloudevents.json": cloudEventsSpec,
	} {
		t.Run(file, func(t *testing.T) {
			for _, s := range samples(t, file) {
				t.Run(s.Name, func(t *testing.T) { runSample(t, &s, spec(&s)) })
			}
		})
	}
}

func runSample(t *testing.T, s *sample, spec v1alpha1.TouchpointSourceSpec) {
	if strings.HasPrefix(s.Request.Path, "/api/s/") {
		// A path of another vendor; the write key in its header is accepted on Segment's path, too.
		s.Request.Path = strings.Replace(s.Request.Path, "/api/s/", "/v1/", 1)
	}
	p := newPod(t, spec, s.Secret, func(p *pod, _ *batch.Options) { p.clock = s.Now })
	var header []string
	for k, v := range s.Request.Headers {
		header = append(header, k, v)
	}
	r := p.send(s.Request.Method, s.Request.Path, s.Request.Body, header...)
	switch {
	case s.Respond.Status != 0:
		require.Equal(t, s.Respond.Status, r.Code, r.ResponseRecorder.Body.String())
	case s.Valid:
		require.Equal(t, 200, r.Code, r.ResponseRecorder.Body.String())
	default:
		require.Equal(t, 401, r.Code)
	}
	for k, v := range s.Respond.Headers {
		require.Equal(t, v, r.Header().Get(k))
	}
	got := p.store.events()
	require.Len(t, got, len(s.Expect))
	for i, want := range s.Expect {
		e := got[i]
		require.Equal(t, want.Event, e.Name)
		require.Equal(t, want.Channel, e.Channel)
		require.Equal(t, want.ID, e.ID)
		requireTime(t, want.OccurredAt, e, s)
		identities := map[string]string{}
		for _, x := range e.Identities {
			identities[x.Type] = x.Value
		}
		require.Equal(t, want.Identity, identities)
		require.Equal(t, want.Value.Currency, e.Currency)
		if want.Value.Amount != "" {
			amount, err := value.Micros(want.Value.Amount)
			require.NoError(t, err)
			require.Equal(t, amount, e.Amount)
		}
		requireProperties(t, want.Properties, e)
	}
}

// requireTime allows one difference: samples have the sender's time, and ingestion corrects it if sentAt is known.
func requireTime(t *testing.T, want time.Time, e event.Event, s *sample) {
	t.Helper()
	if e.TimeSource == event.TimeFromSent {
		var body struct{ SentAt time.Time }
		require.NoError(t, json.Unmarshal([]byte(s.Request.Body), &body))
		want = want.Add(s.Now.Sub(body.SentAt))
	}
	require.Equal(t, want.UTC(), time.UnixMicro(e.Time).UTC())
}

func requireProperties(t *testing.T, want map[string]any, e event.Event) {
	t.Helper()
	if len(want) == 0 {
		return
	}
	got := map[string]any{}
	require.NoError(t, json.Unmarshal(e.Properties, &got))
	for k, v := range want {
		require.Equal(t, v, got[k], k)
	}
}
