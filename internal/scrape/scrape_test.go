// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-logr/logr"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/rest"
)

// An API server that does not answer is distinguished from an invalid token. The first is a problem of the cluster, the second of the client.
func TestUnavailableAPIServer(t *testing.T) {
	status := 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status != 0 {
			w.WriteHeader(status)
			return
		}
		_ = json.NewEncoder(w).Encode(&authenticationv1.TokenReview{Status: authenticationv1.TokenReviewStatus{Error: "invalid bearer token"}})
	}))
	defer api.Close()
	config := &rest.Config{Host: api.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	browser, err := rest.HTTPClientFor(config)
	require.NoError(t, err)
	filter, err := reviewed(config, browser)
	require.NoError(t, err)
	h, err := filter(logr.Discard(), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "numbers") }))
	require.NoError(t, err)
	ask := func(token string) int {
		r, w := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", token)
		h.ServeHTTP(w, r)
		require.NotContains(t, w.Body.String(), "numbers")
		return w.Code
	}
	require.Equal(t, http.StatusUnauthorized, ask(""))
	require.Equal(t, http.StatusUnauthorized, ask("Bearer one"))
	status = http.StatusForbidden
	require.Equal(t, http.StatusServiceUnavailable, ask("Bearer two"), "the operator may not review tokens")
	api.Close()
	require.Equal(t, http.StatusServiceUnavailable, ask("Bearer three"))
	require.True(t, unanswered(utilerrors.NewAggregate([]error{errors.New("x"), context.DeadlineExceeded})))
	require.False(t, unanswered(nil))
}

func TestKeyIsAccepted(t *testing.T) {
	h := withKey("the-key", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "numbers") }))
	for header, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer wrong": 401, "the-key": 401, "Basic the-key": 401, "Bearer the-key2": 401,
		"Bearer the-key": 200, "bearer the-key": 200,
	} {
		r, w := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
		r.Header.Set("Authorization", header)
		h.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, header)
		require.Equal(t, want == 200, w.Body.String() == "numbers", header)
	}
}
