// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package trackersdks sends events with the unmodified SDKs of Snowplow, Matomo and CloudEvents to an ingestion process, and compares the store with
// what the SDKs were asked to send.
package trackersdks

import (
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/test/rig/sdk"
)

const key = "sdk-key"

var (
	ref    = &v1alpha1.SecretKeyReference{Name: "keys"}
	may    = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro()
	signed = []event.Identity{{Type: "customerId", Value: "880011"}, {Type: "anonymousId", Value: "d-1"}, {Type: "networkUserId", Value: "n-1"}}
)

func start(t *testing.T, transport v1alpha1.Transport) *sdk.Ingest {
	t.Helper()
	return sdk.Start(t, v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: transport, Unidentified: v1alpha1.KeepUnidentified}, key)
}

func TestUnmodifiedSDKs(t *testing.T) {
	dir := sdk.Install(t, "snowplow.cjs", "matomo.cjs", "cloudevents.cjs")
	for name, test := range map[string]func(*testing.T, string){"Snowplow": snowplow, "Matomo": matomo, "CloudEvents": cloudEvents} {
		t.Run(name, func(t *testing.T) { test(t, dir) })
	}
}

func snowplow(t *testing.T, dir string) {
	t.Helper()
	ingest := start(t, v1alpha1.Transport{Snowplow: &v1alpha1.SnowplowTransport{SecretRef: ref}})
	began := time.Now()
	var said []struct {
		IDs    map[string]string
		Failed []string
	}
	sdk.Node(t, dir, &said, "snowplow.cjs", ingest.URL, key)
	ingest.Stop()
	ids := map[string]string{}
	for i, way := range said {
		require.Empty(t, way.Failed, "way %d", i)
		require.Len(t, way.IDs, 4)
		for name, id := range way.IDs {
			ids[id] = name
		}
	}
	require.Len(t, ids, 12)
	events := ingest.Store.Events()
	require.Len(t, events, 12, "the heartbeats are dropped")
	for i := range events {
		e := &events[i]
		require.Equal(t, ids[e.ID], e.Name, "the id is the tracker's")
		require.ElementsMatch(t, signed, e.Identities)
		require.Equal(t, "s-1", e.SessionID)
		require.Equal(t, event.Customer, e.Initiator)
		require.Contains(t, string(e.Properties), `"app_id":"shop"`)
		if e.Name != "Order Completed" {
			require.WithinDuration(t, began, time.UnixMicro(e.Time), sdk.Patience)
			require.Equal(t, event.TimeFromSent, e.TimeSource, "dtm is corrected by stm")
		}
		check(t, e)
	}
	state, err := ingest.Store.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(3), state.Sources[0].Counters.Dropped)
	require.Empty(t, state.Sources[0].Counters.Rejected)
}

func check(t *testing.T, e *event.Event) {
	t.Helper()
	switch e.Name {
	case "Page Viewed":
		require.JSONEq(t, `{"app_id":"shop","url":"https://shop.example.test/?utm_campaign=spring","title":"Grüße","campaign":"spring"}`, string(e.Properties))
	case "Play":
		require.JSONEq(t, `{"app_id":"shop","category":"video","label":"intro","value":1.5}`, string(e.Properties))
	case "viewed_product":
		require.JSONEq(t, `{"app_id":"shop","sku":"TEE-M","note":"größer > kleiner?","entities":{"store":[{"city":"Köln"}]}}`, string(e.Properties))
	case "Order Completed":
		require.Equal(t, may, e.Time)
		require.Equal(t, event.TimeFromEvent, e.TimeSource, "the true time is not corrected")
		require.Equal(t, int64(129_900_000), e.Amount)
		require.Equal(t, "EUR", e.Currency)
		require.Contains(t, []string{"o-post", "o-get"}, e.OrderID)
		require.JSONEq(t, `[{"product_id":"TEE-M","category":"Tops","price":64.95,"currency":"EUR","quantity":2}]`, string(e.Items))
	}
}

func matomo(t *testing.T, dir string) {
	t.Helper()
	ingest := start(t, v1alpha1.Transport{Matomo: &v1alpha1.MatomoTransport{
		SecretRef: ref, Unauthenticated: &v1alpha1.Unauthenticated{}, Currency: "EUR",
	}})
	var said struct {
		Errors []string
		Answer struct {
			Status           string
			Tracked, Invalid int
			Message          string
		}
	}
	sdk.Node(t, dir, &said, "matomo.cjs", ingest.URL, key)
	ingest.Stop()
	require.Empty(t, said.Errors)
	require.Equal(t, "success", said.Answer.Status)
	require.Equal(t, 3, said.Answer.Tracked, "the heartbeat counts as tracked")
	require.Equal(t, 1, said.Answer.Invalid, "old events need the token")
	require.Contains(t, said.Answer.Message, "24 hours")
	events := ingest.Store.Events()
	sort.Slice(events, func(i, j int) bool { return events[i].Name < events[j].Name })
	require.Len(t, events, 4)
	visitor := event.Identity{Type: "anonymousId", Value: "0123456789abcdef"}

	order := events[0]
	require.Equal(t, "Order Completed", order.Name)
	require.Equal(t, "matomo:1:order:o-1", order.ID)
	require.Equal(t, may, order.Time)
	require.Equal(t, []event.Identity{{Type: "customerId", Value: "880011"}, visitor}, order.Identities)
	require.Equal(t, int64(129_900_000), order.Amount)
	require.Equal(t, "o-1", order.OrderID)
	require.JSONEq(t, `[{"product_id":"TEE-M","name":"Tee","category":"Tops","price":64.95,"quantity":2}]`, string(order.Items))
	require.NotContains(t, string(order.Properties), key)

	require.Equal(t, "Page Viewed", events[1].Name)
	require.Empty(t, events[1].Identities, "nobody")
	require.Equal(t, "Play", events[2].Name)
	require.Equal(t, []event.Identity{visitor}, events[2].Identities)
	require.JSONEq(t, `{"url":"https://shop.example.test/video","category":"video","label":"intro & more","value":1.5,"site_id":"1"}`, string(events[2].Properties))
	require.Equal(t, "Products Searched", events[3].Name)
	require.JSONEq(t, `{"url":"https://shop.example.test/search","query":"größe 38","site_id":"1"}`, string(events[3].Properties))
}

func cloudEvents(t *testing.T, dir string) {
	t.Helper()
	ingest := start(t, v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{SecretRef: ref}})
	var statuses []int
	sdk.Node(t, dir, &statuses, "cloudevents.cjs", ingest.URL+"/any/path", key)
	ingest.Stop()
	require.Equal(t, []int{202, 202}, statuses)
	events := ingest.Store.Events()
	require.Len(t, events, 2)
	for i, mode := range []string{"structured", "binary"} {
		e := events[i]
		require.Equal(t, "/shop/orders|"+mode, e.ID)
		require.Equal(t, "Order Completed", e.Name)
		require.Equal(t, may, e.Time)
		require.Equal(t, int64(129_900_000), e.Amount)
		require.Equal(t, "EUR", e.Currency)
		require.Equal(t, "o-1", e.OrderID)
		require.Equal(t, []event.Identity{{Type: "customerId", Value: "kunde ä"}, {Type: "email", Value: "ana@example.test"}}, e.Identities, mode)
		require.JSONEq(t, `{"order_id":"o-1","total":129.9,"currency":"EUR"}`, string(e.Properties))
	}
}
