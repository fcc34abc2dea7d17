// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// counting is a protocol whose response is the number of events that it stored, whatever happened to the others. Its documents are the parameters of the
// query.
type counting struct{}

func (counting) Accepted() int { return http.StatusOK }

func (counting) Headers(request http.Header) http.Header {
	return http.Header{"Access-Control-Allow-Origin": {request.Get("Origin")}}
}

func (counting) Decode(r *transport.Request) (transport.Decoded, *reject.Rejection) {
	out := transport.Decoded{Answer: func(result *transport.Result) *transport.Reply {
		if result.Reason == reject.Suspended {
			return nil
		}
		return &transport.Reply{Status: http.StatusAccepted, Body: []byte(strconv.Itoa(result.Accepted))}
	}}
	if r.Query.Has("key") {
		return out, reject.New(reject.BadToken, "key", "the key is wrong")
	}
	for range r.Query["visit"] {
		out.Candidates = append(out.Candidates, transport.Candidate{BuiltIn: func() (*event.Event, *reject.Rejection) {
			return &event.Event{Name: "Visited", Identities: []event.Identity{{Type: "customerId", Value: "880011"}}}, nil
		}})
	}
	for range r.Query["ping"] {
		out.Candidates = append(out.Candidates, transport.Candidate{BuiltIn: func() (*event.Event, *reject.Rejection) { return nil, nil }})
	}
	for range r.Query["withheld"] {
		out.Candidates = append(out.Candidates, transport.Candidate{Withheld: true, Body: func() (any, error) { panic("a rule must not see it") }})
	}
	for range r.Query["bad"] {
		out.Candidates = append(out.Candidates, transport.Candidate{Rejection: reject.New(reject.BadJSON, "bad", "it is bad")})
	}
	return out, nil
}

func countingPod(t *testing.T) *pod {
	t.Helper()
	p := newPod(t, segmentSpec(), "test-write-key")
	snapshot := *p.server.Current()
	snapshot.Transport = counting{}
	p.server.Use(&snapshot)
	return p
}

func TestProtocolWithAResponseOfItsOwn(t *testing.T) {
	for query, want := range map[string]struct {
		status int
		body   string
	}{
		"visit&visit&bad": {http.StatusAccepted, "2"},
		"ping":            {http.StatusAccepted, "0"},
		"bad":             {http.StatusBadRequest, "0"},
		"key":             {http.StatusUnauthorized, "0"},
	} {
		r := countingPod(t).send(http.MethodGet, "/?"+query, "", "Origin", "https://shop.example.test")
		require.Equal(t, want.status, r.Code, query)
		require.Equal(t, want.body, r.ResponseRecorder.Body.String(), query)
		require.Equal(t, "https://shop.example.test", r.Header().Get("Access-Control-Allow-Origin"))
	}
}

func TestTechnicalAndWithheldDocumentsAreDropped(t *testing.T) {
	p := countingPod(t)
	r := p.send(http.MethodGet, "/?visit&ping&ping&withheld", "")
	require.Equal(t, http.StatusAccepted, r.Code)
	require.Len(t, p.store.events(), 1)
	require.Equal(t, int64(3), p.store.counters().Dropped)
	require.Equal(t, int64(3), p.stats().Counters.Dropped)
}

func TestEventsByGetWaitForTheEndOfASuspension(t *testing.T) {
	p := countingPod(t)
	snapshot, config, suspended := *p.server.Current(), *p.server.Current().Config, true
	config.Source.Suspend = &suspended
	snapshot.Config = &config
	p.server.Use(&snapshot)
	r := p.send(http.MethodGet, "/?visit", "")
	require.Equal(t, http.StatusServiceUnavailable, r.Code)
	require.Equal(t, reject.Suspended, r.Body.Reason, "no reply of the protocol is the usual response")
	require.Equal(t, "60", r.Header().Get("Retry-After"))
	require.Empty(t, p.store.events())
}

func TestTheParametersOfAQueryAreLimited(t *testing.T) {
	p := countingPod(t)
	require.Equal(t, http.StatusAccepted, p.send(http.MethodGet, "/?visit"+strings.Repeat("&x", 499), "").Code)
	r := p.send(http.MethodGet, "/?visit"+strings.Repeat("&x", 500), "")
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, r.Code)
	require.Equal(t, reject.HeadersTooLarge, r.Body.Reason)
}
