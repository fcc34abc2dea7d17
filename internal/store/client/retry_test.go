// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

// Only idempotent calls are retried, with a server that answers 503 and with one that closes the connection.
func TestOnlyIdempotentCallsAreRetried(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"unavailable": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"cut":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				answer(w, r)
			}))
			defer s.Close()
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			c, err := client.New(client.Options{URL: s.URL, Key: []byte("key"), CA: ca, ServerName: "example.com"})
			require.NoError(t, err)
			ctx := t.Context()
			for _, call := range []struct {
				name  string
				make  func() error
				calls int64
			}{
				{"append", func() error {
					_, err := c.Append(ctx, store.Batch{Source: "s", Moves: []store.Move{{Next: []byte("c")}}})
					return err
				}, 1},
				{"erase", func() error { _, err := c.Erase(ctx, event.Identity{Type: "a", Value: "b"}); return err }, 1},
				{"eraseIdentity", func() error { _, err := c.EraseIdentity(ctx, event.Identity{Type: "a", Value: "b"}); return err }, 1},
				{"split", func() error {
					_, err := c.Split(ctx, store.SplitRequest{Identity: event.Identity{Type: "a", Value: "b"}})
					return err
				}, 1},
				{"state", func() error { _, err := c.State(ctx); return err }, 3},
				{"cursors", func() error { _, err := c.Cursors(ctx, "s"); return err }, 3},
				{"scan", func() error { _, err := c.Scan(ctx, store.ScanRequest{}); return err }, 3},
				{"put", func() error { return c.PutResult(ctx, store.Result{Owner: "o", Run: "r", Body: []byte("1")}) }, 3},
			} {
				calls.Store(0)
				require.ErrorIs(t, call.make(), store.ErrUnavailable, call.name)
				require.Equal(t, call.calls, calls.Load(), call.name)
			}
		})
	}
}
