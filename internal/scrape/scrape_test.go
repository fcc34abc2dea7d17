// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheKeyOpens(t *testing.T) {
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
