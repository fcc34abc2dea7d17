// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestAnalyse plays an API server whose map has the result of an earlier run at first: one that began in the second in which the other is asked for.
func TestAnalyse(t *testing.T) {
	gets, patch, asked := 0, "", ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" || r.URL.Path != "/apis/journeyman.dev/v1alpha1/namespaces/shop/journeymaps/retail" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		now := time.Now().UTC().Format(time.RFC3339)
		result := `{"status":{"trace":{"analysis":{"startTime":%q,"handledRunAt":%q},"lastRun":{"job":"j","handledRunAt":%q,"error":%q}},
			"summary":{"customers":%d,"worstStage":"intent","display":{"dropOff":"64.0%%"}}}}`
		answer := fmt.Sprintf(result, now, "", asked, "store unavailable", 105)
		switch r.Method {
		case http.MethodPatch:
			body, _ := io.ReadAll(r.Body)
			patch = string(body)
			var m v1alpha1.JourneyMap
			if json.Unmarshal(body, &m) == nil {
				asked = m.Annotations[v1alpha1.RunAtAnnotation]
			}
		default:
			if gets++; gets > 1 {
				answer = fmt.Sprintf(result, now, asked, asked, "", 240)
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
	require.ErrorContains(t, err, "the run that was asked for failed: Job j: store unavailable")
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
