// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Every batch has the trust of its source. A write key is public unless the spec says otherwise.
func TestBatchesHaveTheTrustOfTheirSource(t *testing.T) {
	for trust, public := range map[v1alpha1.SourceTrust]bool{"": true, v1alpha1.Public: true, v1alpha1.Trusted: false} {
		spec := segmentSpec()
		spec.Trust = trust
		p := newPod(t, spec, "test-write-key")
		require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", track("m"), "Authorization", writeKey).Code)
		said := p.store.batches[len(p.store.batches)-1].Trust
		require.NotNil(t, said)
		require.Equal(t, public, said.Public, "trust: %q", trust)
	}
}
