// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package load

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

func TestLoadCountsAcknowledgedEvents(t *testing.T) {
	for name, batch := range map[string]int{"single": 1, "batch": 50} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			ids, requests := map[string]bool{}, 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body struct {
					MessageID string         `json:"messageId"`
					Batch     []wire.Message `json:"batch"`
				}
				mu.Lock()
				defer mu.Unlock()
				if requests++; requests%10 == 0 {
					w.WriteHeader(http.StatusServiceUnavailable)
					return
				}
				if json.NewDecoder(r.Body).Decode(&body) != nil {
					w.WriteHeader(http.StatusBadRequest)
				}
				for _, m := range append(body.Batch, wire.Message{MessageID: body.MessageID}) {
					if m.MessageID != "" {
						ids[m.MessageID] = true
					}
				}
			}))
			t.Cleanup(server.Close)
			p := world.Defaults(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))
			w, err := world.New(p)
			require.NoError(t, err)
			result, err := Run(context.Background(), Options{
				URL: server.URL, Encode: Segment("key"), World: w, Batch: batch, Workers: 4, Events: 1000, Client: server.Client(),
			})
			require.NoError(t, err)
			require.EqualValues(t, len(ids), result.Acknowledged)
			require.EqualValues(t, requests/10, result.Refused[http.StatusServiceUnavailable])
			require.Zero(t, result.Errors)
			require.Greater(t, result.Bytes, 100*result.Acknowledged)
			require.GreaterOrEqual(t, result.P999, result.P50)
		})
	}
}

func TestQuantile(t *testing.T) {
	var sorted []time.Duration
	for i := range 1000 {
		sorted = append(sorted, time.Duration(i)*time.Millisecond)
	}
	require.InDelta(t, 500, quantile(sorted, 0.5), 0)
	require.InDelta(t, 990, quantile(sorted, 0.99), 0)
	require.InDelta(t, 999, quantile(sorted, 1), 0)
	require.Zero(t, quantile(nil, 0.5))
}
