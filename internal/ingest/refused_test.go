// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
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
	require.Empty(t, p.store.events())
	counters := p.stats().Counters
	require.Equal(t, int64(1), counters.Rejected[reject.Unmapped].Count)
	require.Equal(t, int64(4), counters.Rejected[reject.BadJSON].Count)
}
