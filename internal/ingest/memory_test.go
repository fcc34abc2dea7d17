// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// endless gives n spaces, then waits until it may end.
type endless struct {
	left int
	end  chan struct{}
	full func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		e.full()
		<-e.end
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	e.left -= n
	return n, nil
}

func TestBodiesTogetherAreBounded(t *testing.T) {
	spec := segmentSpec()
	large := resource.MustParse("16Mi")
	spec.Limits = &v1alpha1.SourceLimits{MaxBodyBytes: &large}
	p := newPod(t, spec, "test-write-key")
	var sending, done sync.WaitGroup
	end := make(chan struct{})
	for range 3 {
		sending.Add(1)
		var once sync.Once
		body := &endless{left: 15 << 20, end: end, full: func() { once.Do(sending.Done) }}
		done.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/track", body)
			r.Header.Set("Authorization", writeKey)
			p.server.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	sending.Wait()
	message := `{"event":"A","messageId":"1","userId":"u","x":"` + strings.Repeat("x", 4<<20) + `"}`
	r := p.send(http.MethodPost, "/v1/track", message, "Authorization", writeKey)
	require.Equal(t, http.StatusTooManyRequests, r.Code)
	require.Contains(t, r.Body.Error, "too large together")
	require.NotEmpty(t, r.Header().Get("Retry-After"))
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", track("2"), "Authorization", writeKey).Code, "small ones still fit in")
	close(end)
	done.Wait()
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", message, "Authorization", writeKey).Code, "what was held is given back")
}
