// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// identifier matches the id of an event in all formats.
var identifier = regexp.MustCompile(`"(?:messageId|id|response|number)":"([^"]+)"`)

// instant matches an absolute time in a document.
var instant = regexp.MustCompile(`"(\d{4}-[^"]*Z)"`)

// Each document has an id that is unique in its source, and one time, five to 31 days before now.
func TestSampleDocuments(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	all, err := documents(now)
	require.NoError(t, err)
	n := 0
	for source, list := range all {
		ids := map[string]bool{}
		for _, d := range list {
			n++
			found := identifier.FindSubmatch(d)
			require.NotNil(t, found, "%s", d)
			require.False(t, ids[string(found[1])], "%s: %s", source, d)
			ids[string(found[1])] = true
			times := instant.FindAllSubmatch(d, -1)
			require.Len(t, times, 1, "%s", d)
			at, err := time.Parse(time.RFC3339, string(times[0][1]))
			require.NoError(t, err)
			require.True(t, at.Before(now.Add(-5*24*time.Hour)) && at.After(now.Add(-31*24*time.Hour)), "%s", d)
		}
	}
	require.Equal(t, Accepted, n)
	require.Len(t, all, len(Sources()))
}

// One source is not available at first, and another one rejects an event.
func TestSendRetries(t *testing.T) {
	away, refused := 2, 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list []json.RawMessage
		body := struct{ Batch []json.RawMessage }{}
		decoder := json.NewDecoder(r.Body)
		if r.URL.Path == "/v1/batch" {
			require.NoError(t, decoder.Decode(&body))
			list = body.Batch
		} else {
			require.NoError(t, decoder.Decode(&list))
		}
		if away > 0 {
			away--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, `{"accepted":%d}`, len(list)-refused)
	}))
	defer server.Close()
	s := Sender{Endpoints: map[string]Endpoint{}, Client: server.Client(), Pause: time.Millisecond, Now: time.Now}
	for _, name := range Sources() {
		s.Endpoints[name] = Endpoint{URL: server.URL, Key: "key"}
	}
	n, err := s.Send(t.Context())
	require.NoError(t, err)
	require.Equal(t, Accepted, n)
	require.Zero(t, away)

	refused = 1
	_, err = s.Send(t.Context())
	require.ErrorContains(t, err, "send to the source crm-email at "+server.URL+": 50 events are to be accepted; the answer is 202 Accepted")

	away = 1 << 30
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Send(ctx)
	require.ErrorContains(t, err, "not accepted in time")
}
