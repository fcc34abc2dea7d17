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

// noIDs are sources whose senders give no ids, by name: the path, a document whose time is its own, and one without a time.
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

// What a document without an id is known by depends on whose its time is: its content, or the receipt alone.
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

// The items of a document whose time is that of receipt are new events, and so are those of the document when it comes again.
func TestItemsWithoutIDAndTimeAreNewEachTime(t *testing.T) {
	rule := v1alpha1.MappingRule{ForEach: `body.lines`, Event: &v1alpha1.EventMapping{Name: `"Bought"`, Identities: exprs{"customerId": `body.who`}}}
	p := newPod(t, openSpec(rule), "")
	for range 2 {
		require.Equal(t, 3, p.send(http.MethodPost, "/", `{"who":"u","lines":[1,1,2]}`).Body.Accepted)
	}
	require.Len(t, keys(p.store.events()), 6)
	require.EqualValues(t, 6, p.store.counters().WithoutID)
}

// A sentAt that cannot correct the clock is counted, once for each event that was accepted with it.
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
