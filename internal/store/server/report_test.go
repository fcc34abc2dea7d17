// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/server"
	"github.com/journeyman-dev/journeyman/internal/store/server/servertest"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// Reports of pods are in the state for the operator, change no seq, and expire.
func TestReportsAreOnlyInTheState(t *testing.T) {
	var clock atomic.Int64
	behind := newMemory()
	s := servertest.Start(t, server.Options{Store: behind, Clock: func() time.Time { return time.Unix(clock.Load(), 0) }})
	pod, operator := s.Client(t, s.AppendKey), s.Client(t, s.ScanKey)
	said := store.Report{Source: "shop", Pod: "shop-ingest-1", Missing: []store.MissingSecret{
		{For: store.SecretForHashing, Name: "pepper", Key: "journeyman-pepper", Problem: "the Secret or its key is missing or empty"},
	}}
	require.NoError(t, pod.Report(t.Context(), said))
	state, err := operator.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.Report{said}, state.Reports)
	require.Zero(t, state.Health.Seq)
	require.Empty(t, state.Sources, "a report is no data")
	under, err := behind.State(t.Context())
	require.NoError(t, err)
	require.Empty(t, under.Reports)

	clock.Add(int64(store.ReportTTL / time.Second))
	state, err = operator.State(t.Context())
	require.NoError(t, err)
	require.Empty(t, state.Reports)
}

// Reports can have unknown fields, because pods can be upgraded before their store.
func TestReportsMayHaveUnknownFields(t *testing.T) {
	s := servertest.Start(t, server.Options{Store: newMemory()})
	newer := httptest.NewRequest(http.MethodPost, wire.PathReport, strings.NewReader(`{"source":"shop","pod":"a","mood":"fine"}`))
	newer.Header.Set(wire.HeaderProtocol, "1")
	newer.Header.Set("Authorization", "Bearer "+s.AppendKey)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, newer)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	state, err := s.Client(t, s.ScanKey).State(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.Report{{Source: "shop", Pod: "a"}}, state.Reports)
}
