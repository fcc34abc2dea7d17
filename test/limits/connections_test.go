// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// stillOpen counts the connections that the other side has not closed.
func stillOpen(list []net.Conn) (n int) {
	for _, c := range list {
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			n++
		}
	}
	return n
}

// Strangers open connections to the store, as any pod of the cluster can: without a handshake, without a request, with an unfinished request, and
// with a wrong key. The store still serves.
func TestStoreServesDespiteOpenConnections(t *testing.T) {
	const strangers, perPeer = 1500, 64
	r := newRig(t, "--memory", fmt.Sprint(storeMemory))
	confine(t, r.Store, storeMemory)
	honest, err := r.Appender()
	require.NoError(t, err)
	heads := []string{"", "POST /v1/append HTTP/1.1\r\n" + strings.Repeat("a: b\r\n", 1000), "POST /v1/append HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"}
	var open []net.Conn
	for i := range strangers {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(r.URL(), "https://"), time.Minute)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		open = append(open, c)
		if i%4 == 3 {
			continue
		}
		encrypted := tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // the certificate does not matter to an attacker
		// connections that were closed return an error
		_ = encrypted.SetDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(encrypted, heads[i%len(heads)])
	}
	for i := range 20 {
		require.NoError(t, eventually(t.Context(), func(ctx context.Context) error {
			b := events(1, 10)
			b.Events[0].ID = fmt.Sprint("honest-", i)
			_, err := honest.Append(ctx, b)
			return err
		}))
	}
	require.LessOrEqual(t, stillOpen(open), perPeer, "one peer has a share")
	withinLimit(t, r.Store, storeMemory)
}

// Attackers start requests with as many header lines as fit into the limit, after complete requests on the same connection.
func TestRequestHeadersStayWithinMemory(t *testing.T) {
	const halfOpen = 1024
	r := newRig(t)
	spec := transportOf(t, r, func(t *v1alpha1.Transport) bool { return t.Segment != nil })
	spec.TrustedProxies = []string{"127.0.0.0/8"} // so that a peer has no share
	p := startPod(t, r, "page", spec)
	before, err := p.PeakMemory()
	require.NoError(t, err)
	whole := "POST /v1/track HTTP/1.1\r\nHost: x\r\nX-Write-Key: wrong\r\nContent-Length: 2\r\n\r\n{}"
	lines := &strings.Builder{}
	for i := range 6000 {
		fmt.Fprintf(lines, "%x:\n", i)
	}
	for range halfOpen {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(p.URL, "http://"), time.Minute)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		_, _ = io.WriteString(c, whole+"POST /v1/track HTTP/1.1\n"+lines.String())
	}
	for i := range 20 {
		code, err := p.send(t.Context(), request{"/v1/track", fmt.Sprintf(`{"event":"Viewed","userId":"u","messageId":"m-%d"}`, i),
			[]string{"Content-Type", "application/json", "X-Write-Key", p.Secret}})
		require.NoError(t, err)
		require.Equal(t, 200, code)
	}
	after, err := p.PeakMemory()
	require.NoError(t, err)
	t.Logf("before %d MiB, after %d MiB", before>>20, after>>20)
	require.Less(t, after-before, int64(128<<20))
	withinLimit(t, p.Process, p.limit)
}
