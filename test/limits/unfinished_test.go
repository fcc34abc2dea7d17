// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// An attacker opens more connections than a pod allows, each with an unfinished request. Honest requests are accepted while all of them are open.
func TestUnfinishedRequestsDoNotBlockOthers(t *testing.T) {
	const halfOpen = 4200
	r := newRig(t)
	p := startPod(t, r, "page", transportOf(t, r, func(t *v1alpha1.Transport) bool { return t.Segment != nil }))
	address := strings.TrimPrefix(p.URL, "http://")
	heads := []string{
		"", "POST /v1/track HTTP/1.1\r\n", "POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Write-Key: " + p.Secret + "\r\nContent-Length: 100000\r\n\r\n{",
		"POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Write-Key: wrong\r\nContent-Length: 100000\r\n\r\n{",
		"POST /v1/track HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", 100),
	}
	for i := range halfOpen {
		c, err := net.DialTimeout("tcp", address, time.Minute)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		// connections that were closed return an error
		_, _ = io.WriteString(c, heads[i%len(heads)])
	}
	slowest := time.Duration(0)
	for i := range 50 {
		began := time.Now()
		code, err := p.send(t.Context(), request{"/v1/track", fmt.Sprintf(`{"event":"Viewed","userId":"u","messageId":"m-%d"}`, i),
			[]string{"Content-Type", "application/json", "X-Write-Key", p.Secret}})
		require.NoError(t, err)
		require.Equal(t, 200, code)
		slowest = max(slowest, time.Since(began))
	}
	t.Logf("with %d unfinished requests, the slowest honest one took %v", halfOpen, slowest)
	withinLimit(t, p.Process, p.limit)
}
