// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// noIDs are sources whose senders send no ids, by name: the path, a document with its own time, and one without.
func noIDs() map[string]struct {
	spec              v1alpha1.TouchpointSourceSpec
	path, timed, bare string
	list              func(documents ...string) string
	batch             string
} {
	visited := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		Name: `"Visited"`, Time: `body.?at`, Identities: exprs{"customerId": `body.who`},
	}}
	lines := v1alpha1.MappingRule{ForEach: `body.lines`, Event: &v1alpha1.EventMapping{
		Name: `"Bought"`, Time: `body.?at`, Identities: exprs{"customerId": `body.who`},
	}}
	list := func(documents ...string) string { return "[" + strings.Join(documents, ",") + "]" }
	return map[string]struct {
		spec              v1alpha1.TouchpointSourceSpec
		path, timed, bare string
		list              func(documents ...string) string
		batch             string
	}{
		"segment": {
			spec: segmentSpec(), path: "/v1/track?writeKey=test-write-key",
			timed: `{"type":"track","userId":"u","event":"Visited","timestamp":"2026-11-21T10:14:00Z"}`, bare: `{"type":"track","userId":"u","event":"Visited"}`,
			list: func(d ...string) string { return `{"batch":` + list(d...) + `}` }, batch: "/v1/batch?writeKey=test-write-key",
		},
		"webhook": {
			spec: openSpec(visited), path: "/", timed: `{"who":"u","at":"2026-11-21T10:14:00Z"}`, bare: `{"who":"u"}`, list: list, batch: "/",
		},
		"forEach": {
			spec: openSpec(lines), path: "/", timed: `{"who":"u","at":1795256100,"lines":[1]}`, bare: `{"who":"u","lines":[1]}`, list: list, batch: "/",
		},
	}
}

// A document without an id is recognised by its content if it has a time. Otherwise each receipt is a new event.
func TestDocumentsWithoutAnID(t *testing.T) {
	for name, c := range noIDs() {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, c.spec, "test-write-key")
			send := func(path, body string, events int) {
				t.Helper()
				r := p.send(http.MethodPost, path, body)
				require.Equal(t, http.StatusOK, r.Code, r.ResponseRecorder.Body.String())
				require.Equal(t, events, r.Body.Accepted)
			}
			for range 3 {
				send(c.path, c.timed, 1)
			}
			require.Len(t, keys(p.store.events()), 1, "the same thing at the same time")
			send(c.batch, c.list(c.timed, c.timed), 2)
			require.Len(t, keys(p.store.events()), 2, "two equal documents of one request are two events")
			send(c.batch, c.list(c.timed, c.timed), 2)
			require.Len(t, keys(p.store.events()), 2, "and still two when the request is sent again")
			require.Zero(t, p.store.counters().WithoutID)

			for range 3 {
				send(c.path, c.bare, 1)
			}
			send(c.batch, c.list(c.bare, c.bare), 2)
			require.Len(t, keys(p.store.events()), 2+3+2, "each receipt is an event")
			require.EqualValues(t, 5, p.store.counters().WithoutID)
			require.EqualValues(t, 5, p.stats().Counters.WithoutID)
		})
	}
}

// The items of a document without id and time are new events, also when the document is sent again.
func TestItemsWithoutIDAndTimeAreNewEachTime(t *testing.T) {
	rule := v1alpha1.MappingRule{ForEach: `body.lines`, Event: &v1alpha1.EventMapping{Name: `"Bought"`, Identities: exprs{"customerId": `body.who`}}}
	p := newPod(t, openSpec(rule), "")
	for range 2 {
		require.Equal(t, 3, p.send(http.MethodPost, "/", `{"who":"u","lines":[1,1,2]}`).Body.Accepted)
	}
	require.Len(t, keys(p.store.events()), 6)
	require.EqualValues(t, 6, p.store.counters().WithoutID)
}

// A sentAt that cannot correct the time is counted once for each accepted event.
func TestUncorrectedTimesAreCounted(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	const path = "/v1/batch?writeKey=test-write-key"
	message := func(user, at string) string {
		return `{"type":"track","userId":"` + user + `","event":"Visited","messageId":"` + user + at + `","timestamp":"` + at + `"}`
	}
	kept := `{"sentAt":"2026-11-01T10:00:00Z","batch":[` + message("a", "2026-11-01T09:00:00Z") + `,` + message("b", "2026-11-21T10:00:00Z") + `,` +
		message("", "2026-11-01T09:00:00Z") + `]}`
	require.Equal(t, 2, p.send(http.MethodPost, path, kept).Body.Accepted)
	require.EqualValues(t, 2, p.store.counters().Uncorrected, "not the one without a customer")
	require.EqualValues(t, 2, p.stats().Counters.Uncorrected)
	require.Equal(t, http.StatusOK, p.send(http.MethodPost, path, `{"batch":[`+message("c", "2026-11-01T09:00:00Z")+`]}`).Code)
	require.EqualValues(t, 2, p.store.counters().Uncorrected, "an import without sentAt is as it should be")
}

// Events with a placeholder as id are not duplicates of each other with any transport, and the placeholders are counted.
func TestPlaceholdersAreNoEventIDsOfTransports(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{
		ID: `body.id`, Name: `"Visited"`, Time: `body.?at`, Identities: exprs{"customerId": `body.who`},
	}}
	events := v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{
		Unauthenticated: &v1alpha1.Unauthenticated{},
	}}}
	for name, c := range map[string]struct {
		spec     v1alpha1.TouchpointSourceSpec
		path     string
		document func(who string) string
		headers  []string
	}{
		"segment": {segmentSpec(), "/v1/track?writeKey=test-write-key", func(who string) string {
			return `{"type":"track","messageId":"undefined","userId":"` + who + `","event":"Visited","timestamp":"2026-11-21T10:14:00Z"}`
		}, nil},
		"webhook": {openSpec(rule), "/", func(who string) string {
			return `{"id":"[object Object]","who":"` + who + `","at":"2026-11-21T10:14:00Z"}`
		}, nil},
		"cloudEvents": {events, "/", func(who string) string {
			return `{"specversion":"1.0","id":"00000000-0000-0000-0000-000000000000","source":"/s","type":"Visited","time":"2026-11-21T10:14:00Z","customerid":"` + who + `"}`
		}, []string{"Content-Type", "application/cloudevents+json"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t, c.spec, "test-write-key")
			for _, who := range []string{"a", "b", "b"} {
				r := p.send(http.MethodPost, c.path, c.document(who), c.headers...)
				require.Less(t, r.Code, 300, r.ResponseRecorder.Body.String())
			}
			require.Len(t, keys(p.store.events()), 2, "two customers did it; what was sent again is the same event")
			require.EqualValues(t, 3, p.store.counters().PlaceholderIDs)
			require.EqualValues(t, 3, p.stats().Counters.PlaceholderIDs)
			require.Zero(t, p.store.counters().WithoutID)
		})
	}
}

// A placeholder as time is rejected with a message that names it. It is never replaced by the time of receipt.
func TestPlaceholderTimesAreRejected(t *testing.T) {
	rule := v1alpha1.MappingRule{Event: &v1alpha1.EventMapping{Name: `"Visited"`, Time: `body.?at`, Identities: exprs{"customerId": `body.who`}}}
	events := v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: v1alpha1.Transport{CloudEvents: &v1alpha1.CloudEventsTransport{
		Unauthenticated: &v1alpha1.Unauthenticated{},
	}}}
	for _, at := range []string{
		"1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z", "1899-12-30T00:00:00Z", "9999-12-31T23:59:59Z", "0000-00-00 00:00:00",
	} {
		for name, send := range map[string]func() reply{
			"segment": func() reply {
				return newPod(t, segmentSpec(), "test-write-key").send(http.MethodPost, "/v1/track?writeKey=test-write-key",
					`{"type":"track","messageId":"m","userId":"u","event":"Visited","timestamp":"`+at+`"}`)
			},
			"webhook": func() reply {
				return newPod(t, openSpec(rule), "").send(http.MethodPost, "/", `{"who":"u","at":"`+at+`"}`)
			},
			"cloudEvents": func() reply {
				return newPod(t, events, "").send(http.MethodPost, "/",
					`{"specversion":"1.0","id":"1","source":"/s","type":"Visited","time":"`+at+`","customerid":"u"}`, "Content-Type", "application/cloudevents+json")
			},
		} {
			r := send()
			require.Equal(t, http.StatusBadRequest, r.Code, "%s by %s", at, name)
			require.Equal(t, "bad-time", r.Body.Rejected[0].Reason)
			require.Contains(t, r.Body.Rejected[0].Message, "a placeholder for an unknown time", "%s by %s", at, name)
		}
	}
	require.Equal(t, http.StatusBadRequest, newPod(t, openSpec(rule), "").send(http.MethodPost, "/", `{"who":"u","at":0}`).Code)
}
