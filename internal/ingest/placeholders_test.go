// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
)

// Identifiers that are placeholders are removed and counted, whether the event is kept because of another identifier or rejected.
func TestPlaceholderIdentitiesAreIgnoredAndCounted(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, _ *batch.Options) {
		p.config.Placeholders = []v1alpha1.Placeholder{"walk-in"}
	})
	r := p.send(http.MethodPost, "/v1/batch", `{"batch":[
		{"type":"track","event":"A","messageId":"1","userId":"\\N","anonymousId":"a1"},
		{"type":"track","event":"A","messageId":"2","userId":"Walk-In","anonymousId":"#REF!"},
		{"type":"track","event":"A","messageId":"3","userId":"c3"}]}`, "Authorization", writeKey)
	require.Equal(t, 200, r.Code)
	require.Equal(t, "missing-identity", r.Body.Rejected[0].Reason)
	require.NotContains(t, r.Body.Rejected[0].Message, "Walk-In")
	events := p.store.events()
	require.Len(t, events, 2)
	require.Equal(t, []event.Identity{{Type: "anonymousId", Value: "a1"}}, events[0].Identities)
	require.EqualValues(t, 3, p.store.counters().Placeholders)
	require.EqualValues(t, 3, p.stats().Counters.Placeholders)
}
