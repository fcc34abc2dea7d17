// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package transport_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/transport"
)

func TestCORS(t *testing.T) {
	allowed := func(request http.Header) string {
		return transport.CORS(request, "POST").Get("Access-Control-Allow-Headers")
	}
	require.Equal(t, "Authorization, Content-Type, Content-Encoding", allowed(http.Header{}))
	require.Equal(t, "content-type,x-posthog-session", allowed(http.Header{"Access-Control-Request-Headers": {"content-type,x-posthog-session"}}))
	require.Equal(t, "Authorization, Content-Type, Content-Encoding", allowed(http.Header{"Access-Control-Request-Headers": {strings.Repeat("x", 5000)}}))

	page := http.Header{"Origin": {"https://shop.example.test"}}
	require.Equal(t, "*", transport.CORS(page, "POST").Get("Access-Control-Allow-Origin"))
	require.Empty(t, transport.CORS(page, "POST").Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "https://shop.example.test", transport.CORSWithCookies(page, "POST").Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", transport.CORSWithCookies(page, "POST").Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "*", transport.CORSWithCookies(http.Header{}, "POST").Get("Access-Control-Allow-Origin"))
}
