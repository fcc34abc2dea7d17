// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Some senders turn off a webhook after failures. A document that is never accepted must not be one, but a wrong signature stays one.
func TestRefusedDocumentsOfAnAuthenticatedSender(t *testing.T) {
	status := int32(http.StatusOK)
	w := &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, Token: &v1alpha1.TokenAuth{Parameter: "token"},
		Answer: &v1alpha1.WebhookAnswer{RefusedStatus: &status},
	}
	p := newPod(t, v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: w},
		Mapping:   []v1alpha1.MappingRule{{When: `body.x == 1`, Drop: &v1alpha1.MappingDrop{}}},
	}, "key")
	for body, reason := range map[string]string{`{"x":2}`: reject.Unmapped, `{"x":`: reject.BadJSON, "": reject.BadJSON, "\xff": reject.BadJSON, `[]1`: reject.BadJSON} {
		r := p.send(http.MethodPost, "/in?token=key", body)
		require.Equal(t, http.StatusOK, r.Code, body)
		require.False(t, r.Body.Success, body)
		require.Equal(t, reason, r.Body.Reason, body)
		require.Equal(t, http.StatusUnauthorized, p.send(http.MethodPost, "/in?token=wrong", body).Code, body)
	}
	many := "[" + strings.Repeat(`{"x":2},`, transport.MaxEvents) + `{"x":2}]`
	for reason, r := range map[string]reply{
		reject.TooManyEvents:        p.send(http.MethodPost, "/in?token=key", many),
		reject.BodyTooLarge:         p.send(http.MethodPost, "/in?token=key", strings.Repeat(" ", 1<<20+1)),
		reject.UnsupportedMediaType: p.send(http.MethodPost, "/in?token=key", `{"x":1}`, "Content-Type", "application/json; charset=utf-16"),
	} {
		require.Equal(t, http.StatusOK, r.Code, reason)
		require.False(t, r.Body.Success, reason)
		require.Equal(t, reason, r.Body.Reason)
	}
	require.Empty(t, p.store.events())
	counters := p.stats().Counters
	require.Equal(t, int64(1), counters.Rejected[reject.Unmapped].Count)
	require.Equal(t, int64(4), counters.Rejected[reject.BadJSON].Count)
}

// A body that cannot be read has no signature that matches, so its sender is not authenticated.
func TestASignedBodyThatCannotBeReadKeepsItsStatus(t *testing.T) {
	status := int32(http.StatusOK)
	p := newPod(t, v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, HMAC: &v1alpha1.HMACRecipe{Header: "X-Signature"},
		Answer: &v1alpha1.WebhookAnswer{RefusedStatus: &status},
	}}}, "key")
	r := p.send(http.MethodPost, "/in", strings.Repeat(" ", 1<<20+1), "X-Signature", "00")
	require.Equal(t, http.StatusRequestEntityTooLarge, r.Code)
	require.Equal(t, reject.BodyTooLarge, r.Body.Reason)
}
