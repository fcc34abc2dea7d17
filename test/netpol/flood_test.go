// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package netpol

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/rand"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

const (
	// node is an address of this machine other than its address among the pods.
	node = "172.30.99.1"
	// perClient is the maximum number of unfinished requests that a pod of a source allows one client: a sixteenth of its connections.
	perClient = 256
)

// request is an event that is sent through the gateway. Its first half is sent.
type request struct {
	conn net.Conn
	rest string
}

// begin connects from an address of this machine, or from any, and sends the first half of a request. It is longer than the buffer of a proxy that
// waits for the whole body.
func (g *gateway) begin(ctx context.Context, from string) (*request, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	if from != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	conn, err := (&tls.Dialer{NetDialer: dialer, Config: g.trusting}).DialContext(ctx, "tcp", net.JoinHostPort(g.address, "443"))
	if err != nil {
		return nil, err
	}
	half := strings.Repeat(" ", 8<<10)
	body := fmt.Sprintf(`{"event":"Product Viewed","userId":"u","messageId":%q%s}`, rand.String(12), half+half)
	head, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/"+g.shop+"/web/v1/track", http.NoBody)
	if err != nil {
		return nil, err
	}
	head.SetBasicAuth("demo-web-write-key", "")
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		head.URL.Path, host, head.Header.Get("Authorization"), len(body), body[:len(half)])
	return &request{conn, body[len(half):]}, err
}

// end sends the second half, and returns the HTTP status.
func (r *request) end() (int, error) {
	defer r.conn.Close() //nolint:errcheck // it was for this request
	_ = r.conn.SetDeadline(time.Now().Add(30 * time.Second))
	// The gateway can answer early and stop reading, so ignore the error of the write.
	_, _ = io.WriteString(r.conn, r.rest)
	response, err := http.ReadResponse(bufio.NewReader(r.conn), nil)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// send sends an event through the gateway, and returns the HTTP status.
func (g *gateway) send(ctx context.Context) (int, error) {
	r, err := g.begin(ctx, "")
	if err != nil {
		return 0, err
	}
	return g.finish(r)
}

// finish ends a request, and counts its event if it was accepted.
func (g *gateway) finish(r *request) (int, error) {
	status, err := r.end()
	if status == http.StatusOK {
		g.accepted++
	}
	return status, err
}

// flooded starts a request of one client. Then another client starts more requests than it may, until the source closes one of them. flooded returns
// the HTTP status of the first one.
func (g *gateway) flooded(ctx context.Context) (int, error) {
	pod := g.source(ctx)
	before, err := counted(ctx, pod, ofPeer)
	if err != nil {
		return 0, err
	}
	first, err := g.begin(ctx, node)
	if err != nil {
		return 0, err
	}
	Eventually(counted).WithContext(ctx).WithArguments(pod, unfinished).Should(BeNumerically(">", 0), "it is the oldest")
	var others []*request
	defer func() {
		for _, r := range others {
			_ = r.conn.Close()
		}
	}()
	for range perClient + 1 {
		r, err := g.begin(ctx, "")
		if err != nil {
			return 0, err
		}
		others = append(others, r)
	}
	Eventually(counted).WithContext(ctx).WithArguments(pod, ofPeer).Should(BeNumerically(">", before))
	return g.finish(first)
}

var (
	// ofPeer matches the number of connections that the source closed because one peer had too many unfinished requests.
	ofPeer = regexp.MustCompile(`journeyman_ingest_unfinished_requests_total\{cause="peer"\} (\d+)`)
	// unfinished matches the number of unfinished requests.
	unfinished = regexp.MustCompile(`journeyman_ingest_connections\{state="unfinished"\} (\d+)`)
)

// counted reads a metric of the source's pod. It is 0 if the pod does not have it yet.
func counted(ctx context.Context, pod string, metric *regexp.Regexp) (n int, err error) {
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s:%d/metrics", pod, podconfig.MetricsPort), http.NoBody)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(get)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	if found := metric.FindSubmatch(text); found != nil {
		_, err = fmt.Sscan(string(found[1]), &n)
	}
	return n, err
}
