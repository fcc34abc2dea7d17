// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Events without an identity are stored if the source keeps them. Otherwise they are rejected with 400.
func TestUnidentifiedEvents(t *testing.T) {
	receipt := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Order Completed"`, ID: `body.no`, Amount: `body.total`, Currency: `"EUR"`, Identities: exprs{"loyaltyId": `body.card`, "email": `body.mail`},
	}}
	spec := openSpec(receipt)
	bodies := []string{
		`{"no":"1","total":3}`, `{"no":"2","total":4,"card":null}`, `{"no":"3","total":5,"card":"guest"}`, `{"no":"4","total":6,"mail":"no address"}`,
	}
	p := newPod(t, spec, "")
	for _, b := range bodies {
		r := p.send(http.MethodPost, "/", b)
		require.Equal(t, http.StatusBadRequest, r.Code)
		require.Equal(t, reject.MissingIdentity, r.Body.Reason)
	}

	spec.Unidentified = v1alpha1.KeepUnidentified
	p = newPod(t, spec, "")
	for _, b := range append(bodies, `{"no":"5","total":7,"card":"c-1"}`) {
		require.Equal(t, http.StatusOK, p.send(http.MethodPost, "/", b).Code)
	}
	events := p.store.events()
	require.Len(t, events, 5)
	for i := range events {
		require.NoError(t, events[i].Validate())
		require.Equal(t, i < 4, events[i].Flags&event.FlagUnidentified != 0)
		require.Equal(t, i < 4, len(events[i].Identities) == 0)
	}
	require.EqualValues(t, 4, p.store.counters().Unidentified)
	require.EqualValues(t, 1, p.store.counters().Placeholders, "the word for nobody is counted, though its event is kept")
	require.EqualValues(t, 5, p.store.counters().Accepted)
	require.EqualValues(t, 4, p.stats().Counters.Unidentified)
}

// A rule can have no identities, such as for an anonymous survey.
func TestRuleWithoutIdentities(t *testing.T) {
	spec := openSpec(v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Survey Responded"`, Time: `body.at`, Survey: &v1alpha1.SurveyMapping{Kind: `"nps"`, Score: `body.score`},
	}})
	spec.Unidentified = v1alpha1.KeepUnidentified
	p := newPod(t, spec, "")
	body := `[{"at":"2026-11-21T10:14:00Z","score":9},{"at":"2026-11-21T10:14:00Z","score":9},{"at":"2026-11-21T10:14:00Z","score":3}]`
	for range 2 {
		require.Equal(t, 3, p.send(http.MethodPost, "/", body).Body.Accepted)
	}
	require.Len(t, keys(p.store.events()), 3, "two equal answers of one request are two, and sent again they are the same")
}

// Identify, group and alias calls without identities are rejected.
func TestIdentifyCallsWithoutIdentitiesAreRejected(t *testing.T) {
	spec := segmentSpec()
	spec.Unidentified = v1alpha1.KeepUnidentified
	p := newPod(t, spec, "test-write-key")
	for path, kept := range map[string]bool{
		`{"type":"track","event":"Viewed","messageId":"1"}`: true, `{"type":"page","userId":"undefined","messageId":"2"}`: true,
		`{"type":"identify","traits":{"tier":"gold"},"messageId":"3"}`: false, `{"type":"group","groupId":"g","messageId":"4"}`: false,
		`{"type":"alias","userId":"u","messageId":"5"}`: false,
	} {
		r := p.send(http.MethodPost, "/v1/batch?writeKey=test-write-key", `{"batch":[`+path+`]}`)
		require.Equal(t, kept, r.Code == http.StatusOK, path)
	}
	require.EqualValues(t, 2, p.store.counters().Unidentified)
}
