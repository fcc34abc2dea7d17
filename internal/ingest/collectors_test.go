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

func collectorSpec(t v1alpha1.Transport, rules ...v1alpha1.MappingRule) v1alpha1.TouchpointSourceSpec {
	return v1alpha1.TouchpointSourceSpec{Transport: t, Mapping: rules}
}

func TestMeasurementProtocol(t *testing.T) {
	rule := v1alpha1.MappingRule{
		When: `body.name == "purchase" && query.measurement_id == "G-1" && !("api_secret" in query)`,
		Event: &v1alpha1.EventMapping{
			Name: `"Order Completed"`, ID: `body.params.transaction_id`, Identities: exprs{"customerId": `body.user_id`},
		},
	}
	p := newPod(t, collectorSpec(v1alpha1.Transport{GA4: &v1alpha1.GA4Transport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}}}, rule), "s3cret")
	const path = "/mp/collect?measurement_id=G-1&api_secret=s3cret"
	r := p.send(http.MethodPost, path, `{"client_id":"1.2","user_id":"880011","events":[{"name":"purchase","params":{"transaction_id":"o-1"}},
		{"name":"view_item"},{"name":"session_start"},{"params":{}}]}`)
	require.Equal(t, http.StatusNoContent, r.Code)
	require.Zero(t, r.ResponseRecorder.Body.Len())
	require.Equal(t, "o-1", p.store.events()[0].ID, "the rule matched, and did not see the secret")
	require.Equal(t, "Product Viewed", p.store.events()[1].Name)
	require.Equal(t, int64(1), p.store.counters().Dropped)
	require.Equal(t, int64(1), p.store.counters().Rejected[reject.MissingEventName].Count)

	r = p.send(http.MethodPost, path, `{"client_id":"1.2","consent":{"analytics_storage":"DENIED"},"events":[{"name":"purchase"},{"name":"view_item"}]}`)
	require.Equal(t, http.StatusNoContent, r.Code)
	require.Len(t, p.store.events(), 2, "what the customer did not allow is not stored")
	require.Eventually(t, func() bool { return p.store.counters().Dropped == 3 }, waitFor, poll)

	r = p.send(http.MethodPost, "/debug"+path, `{"client_id":"1.2","events":[{"name":"view_item"}]}`)
	require.Equal(t, http.StatusOK, r.Code)
	require.JSONEq(t, `{"validationMessages":[]}`, r.ResponseRecorder.Body.String())
	require.Len(t, p.store.events(), 2, "validation stores nothing")

	r = p.send(http.MethodPost, "/mp/collect?api_secret=no", `{"client_id":"1.2","events":[{"name":"a"}]}`)
	require.Equal(t, http.StatusUnauthorized, r.Code)
	require.Equal(t, reject.BadToken, r.Body.Reason)
	require.NotContains(t, r.ResponseRecorder.Body.String(), "s3cret")
}

func TestSnowplowCollector(t *testing.T) {
	p := newPod(t, collectorSpec(v1alpha1.Transport{Snowplow: &v1alpha1.SnowplowTransport{SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}}}), "k3y")
	const origin = "https://shop.example.test"
	r := p.send(http.MethodGet, "/shop/till/k3y/i?e=pv&tv=t&p=web&duid=d-1&eid=e-1", "", "Origin", origin)
	require.Equal(t, http.StatusOK, r.Code)
	require.Equal(t, "image/gif", r.Header().Get("Content-Type"))
	require.Equal(t, "no-store", r.Header().Get("Cache-Control"))
	require.Equal(t, origin, r.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", r.Header().Get("Access-Control-Allow-Credentials"))
	require.Empty(t, r.Header().Values("Set-Cookie"))
	require.Equal(t, "e-1", p.store.events()[0].ID)

	const tp2 = "/k3y/com.snowplowanalytics.snowplow/tp2"
	r = p.send(http.MethodPost, tp2, `{"schema":"x","data":[{"e":"pp","tv":"t","p":"web"},{"eid":"x"}]}`, "Content-Type", "text/plain")
	require.Equal(t, http.StatusOK, r.Code, "the heartbeat is dropped on purpose")
	require.Equal(t, "ok", r.ResponseRecorder.Body.String())
	r = p.send(http.MethodPost, tp2, `{"schema":"x","data":[{"eid":"x"}]}`, "Origin", origin)
	require.Equal(t, http.StatusBadRequest, r.Code)
	require.Equal(t, reject.BadJSON, r.Body.Reason)
	require.Equal(t, origin, r.Header().Get("Access-Control-Allow-Origin"), "pages see refusals, too")
	require.Equal(t, http.StatusOK, p.send(http.MethodOptions, tp2, "").Code)
	require.Equal(t, http.StatusUnauthorized, p.send(http.MethodGet, "/wrong/i?e=pv&tv=t&p=web", "").Code)
	require.Len(t, p.store.events(), 1)
}

func TestMatomoAPI(t *testing.T) {
	p := newPod(t, collectorSpec(v1alpha1.Transport{Matomo: &v1alpha1.MatomoTransport{Unauthenticated: &v1alpha1.Unauthenticated{}}}), "")
	r := p.send(http.MethodGet, "/matomo.php?idsite=1&rec=1&_id=a&url=/", "")
	require.Equal(t, http.StatusOK, r.Code)
	require.Equal(t, "image/gif", r.Header().Get("Content-Type"))
	r = p.send(http.MethodPost, "/piwik.php?send_image=0", "idsite=1&rec=1&_id=a&url=/b", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusNoContent, r.Code)
	require.Zero(t, r.ResponseRecorder.Body.Len())
	r = p.send(http.MethodPost, "/matomo.php", `{"requests":["?idsite=1&rec=1&_id=a&e_c=c&e_a=Play","?rec=1","?idsite=1&rec=1&ping=1&_id=a"]}`)
	require.Equal(t, http.StatusOK, r.Code)
	require.JSONEq(t, `{"status":"success","tracked":2,"invalid":1,"message":"idsite: every request needs idsite, the number of the site"}`,
		r.ResponseRecorder.Body.String())
	r = p.send(http.MethodPost, "/matomo.php", `{"requests":["?rec=1"]}`)
	require.Equal(t, http.StatusBadRequest, r.Code)
	require.Contains(t, r.ResponseRecorder.Body.String(), `"status":"error"`)
	require.Len(t, p.store.events(), 3)
	require.Equal(t, int64(1), p.store.counters().Dropped)
	require.Equal(t, int64(3), p.store.counters().WithoutID, "the API has no ids, and these requests have no time")
}
