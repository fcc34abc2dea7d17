// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

// ownSource returns the source of a sample of a preset. A preset without rules gets that of orders.
func ownSource(p *preset.Preset, s *Sample) *Source {
	var rules []v1alpha1.MappingRule
	if len(p.Rules) == 0 {
		rules = append(rules, orderRule())
	}
	out := byPreset(v1alpha1.Preset(p.Name), rules...)(s)
	out.Name = p.Name
	return out
}

// send returns the result of a request with the source of a sample.
func send(t *testing.T, s *Sample, source *Source) *received {
	t.Helper()
	if s.FollowUp != nil {
		api := serveAPI(s.FollowUp)
		defer api.Close()
		require.NoError(t, followUp(source, s.FollowUp, api.URL))
	}
	p, err := start(t.Context(), s, source)
	require.NoError(t, err)
	got, err := p.send(t.Context(), s.Request)
	require.NoError(t, err)
	require.NoError(t, p.close())
	return got
}

// Every preset has samples of its own. Each one gives what it expects; with another secret, or changed after it was signed, it is refused.
func TestPresets(t *testing.T) {
	for _, p := range preset.All() {
		if p.Webhook == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			samples, err := Load(filepath.Join("..", "..", "internal", "preset", "testdata", p.Name+".json"))
			require.NoError(t, err)
			stored := 0
			for i := range samples {
				s := &samples[i]
				got := send(t, s, ownSource(p, s))
				require.Empty(t, compare(s, http.StatusOK, got), s.Name)
				stored += len(got.events)
				if len(s.Expect) > 0 {
					testRefused(t, p, s)
				}
			}
			require.NotZero(t, stored)
		})
	}
}

// A refund lowers the amount of an order only if both have the same order id.
func TestRefundsNameTheirOrders(t *testing.T) {
	for _, c := range []struct{ preset, order, refund string }{
		{"shopify", "guest order in yen, without a customer", "refund"},
		{"stripe", "session without metadata, whose refund names the payment intent", "refund without metadata"},
		{"stripe", "session with an invoice, whose order has the id of the invoice", "refund of an invoice"},
		{"square", "card payment with a tip, of nobody", "refund, with an order of its own"},
		{"woocommerce", "guest order that was paid later", "two parts of a refund"},
	} {
		samples, err := Load(filepath.Join("..", "..", "internal", "preset", "testdata", c.preset+".json"))
		require.NoError(t, err)
		ids := map[string]string{}
		for i := range samples {
			if s := &samples[i]; s.Name == c.order || s.Name == c.refund {
				got := send(t, s, ownSource(preset.Find(v1alpha1.Preset(c.preset)), s))
				require.NotEmpty(t, got.events, s.Name)
				ids[s.Name] = got.events[0].OrderID
			}
		}
		require.NotEmpty(t, ids[c.order], c.order)
		require.Equal(t, ids[c.order], ids[c.refund], c.refund)
	}
}

// testRefused requires that a request is refused with another secret, without a signature, and if a signed body was changed.
func testRefused(t *testing.T, p *preset.Preset, s *Sample) {
	t.Helper()
	source := ownSource(p, s)
	source.Secrets[v1alpha1.DefaultSecretKey] = "b3RoZXI=" // valid Base64, too
	requireRefused(t, s, source, "another secret")
	if p.Webhook.HMAC == nil {
		return
	}
	changed := *s.Request
	changed.Body = changeDigit(s.Request.Body)
	requireRefused(t, &Sample{Request: &changed, Now: s.Now, Expect: s.Expect}, ownSource(p, s), "another body")
	if p.Webhook.HMAC.Header == "" {
		return
	}
	bare := *s.Request
	bare.Headers = map[string]string{}
	for k, v := range s.Request.Headers {
		if !strings.EqualFold(k, p.Webhook.HMAC.Header) {
			bare.Headers[k] = v
		}
	}
	requireRefused(t, &Sample{Request: &bare, Now: s.Now, Expect: s.Expect}, ownSource(p, s), "no signature")
}

func requireRefused(t *testing.T, s *Sample, source *Source, why string) {
	t.Helper()
	got := send(t, s, source)
	require.Equal(t, http.StatusUnauthorized, got.status, "%s: %s: %s", s.Name, why, got.body)
	require.Empty(t, got.events)
}

// changeDigit replaces the last digit of a body.
func changeDigit(body string) string {
	i := strings.LastIndexAny(body, "0123456789")
	if body[i] == '7' {
		return body[:i] + "8" + body[i+1:]
	}
	return body[:i] + "7" + body[i+1:]
}
