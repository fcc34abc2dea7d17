// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAnalyse plays an API server whose map has the result of an earlier run at first.
func TestAnalyse(t *testing.T) {
	gets, patch := 0, ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" || r.URL.Path != "/apis/journeyman.dev/v1alpha1/namespaces/shop/journeymaps/retail" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		result := `{"status":{"trace":{"analysis":{"startedAt":%q}},"summary":{"customers":%d,"worstStage":"intent","display":{"dropOff":"64.0%%"}}}}`
		answer := fmt.Sprintf(result, "2026-01-01T00:00:00Z", 105)
		switch r.Method {
		case http.MethodPatch:
			body, _ := io.ReadAll(r.Body)
			patch = string(body)
		default:
			if gets++; gets > 1 {
				answer = fmt.Sprintf(result, time.Now().Add(2*time.Second).UTC().Format(time.RFC3339), 240)
			}
		}
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	a := &api{url: server.URL, token: "token", client: server.Client()}
	summary, err := a.analyse(t.Context(), "shop", "retail")
	require.NoError(t, err)
	require.EqualValues(t, 240, summary.Customers)
	require.Contains(t, patch, "journeyman.dev/run-at")
	require.Equal(t, 2, gets)

	_, err = a.analyse(t.Context(), "shop", "other")
	require.ErrorContains(t, err, "403 Forbidden")
	gets = -1000
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = a.analyse(ctx, "shop", "retail")
	require.ErrorContains(t, err, "no run since then has ended")
}

// TestEventsOfTheFile wants ids that are unique in their source, and no time that depends on anything but now.
func TestEventsOfTheFile(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	events, err := Events(now)
	require.NoError(t, err)
	require.Len(t, events, Accepted)
	ids := map[string]bool{}
	for _, e := range events {
		id := string(e.Source) + " " + e.ID
		require.False(t, ids[id], id)
		ids[id] = true
		require.True(t, e.Time.Before(now.Add(-5*24*time.Hour)) && e.Time.After(now.Add(-31*24*time.Hour)), "%s at %s", id, e.Time)
	}
}
