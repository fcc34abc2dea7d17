// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	waitFor = 20 * time.Second
	poll    = 5 * time.Millisecond
)

func track(id string) string {
	return fmt.Sprintf(`{"event":"A","messageId":%q,"userId":"u"}`, id)
}

// While one append is in progress, new requests are gathered for the next one. Each request is answered when its own append is done.
func TestConcurrentRequestsShareAnAppend(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, o *batch.Options) {
		o.InFlight = 1
		p.store.stall, p.store.entered = make(chan struct{}), make(chan struct{}, 100)
	})
	const n = 50
	var done sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	send := func(i int) {
		done.Go(func() {
			r := p.send(http.MethodPost, "/v1/track", track(fmt.Sprint("m-", i)), "Authorization", writeKey)
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, 200, r.Code)
			answered++
		})
	}
	send(0)
	<-p.store.entered
	first := p.stats().QueuedBytes
	send(1)
	require.Eventually(t, func() bool { return p.stats().QueuedBytes > first }, waitFor, poll)
	each := p.stats().QueuedBytes - first // size of the shortest id, so that fewer than n events are always smaller
	for i := 2; i < n; i++ {
		send(i)
	}
	require.Eventually(t, func() bool { return p.stats().QueuedBytes >= first+(n-1)*each }, waitFor, poll)
	mu.Lock()
	require.Zero(t, answered, "nothing is durable yet")
	mu.Unlock()
	close(p.store.stall)
	done.Wait()
	require.Len(t, p.store.events(), n)
	require.Len(t, p.store.batches, 2, "one for the first, one for all that waited")
	require.Zero(t, p.stats().QueuedBytes)
}

func TestOneInvalidRequestDoesNotSpoilTheOthers(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, o *batch.Options) {
		o.InFlight = 1
		p.store.stall, p.store.entered = make(chan struct{}), make(chan struct{}, 100)
		p.store.fail = func(b store.Batch) error {
			for _, e := range b.Events {
				if e.ID == "bad" {
					return store.ErrInvalid
				}
			}
			return nil
		}
	})
	codes := map[string]int{}
	var mu sync.Mutex
	var done sync.WaitGroup
	for i, id := range []string{"first", "a", "bad", "b"} {
		done.Go(func() {
			r := p.send(http.MethodPost, "/v1/track", track(id), "Authorization", writeKey)
			mu.Lock()
			defer mu.Unlock()
			codes[id] = r.Code
		})
		if i == 0 {
			<-p.store.entered
		}
	}
	require.Eventually(t, func() bool { return p.stats().QueuedBytes > 4*320 }, waitFor, poll)
	close(p.store.stall)
	done.Wait()
	require.Equal(t, map[string]int{"first": 200, "a": 200, "bad": 422, "b": 200}, codes)
	require.Equal(t, int64(3), p.store.counters().Accepted)
}

func TestFullQueueRefusesAtOnce(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, o *batch.Options) {
		o.MaxBytes, o.InFlight = 1000, 1
		p.store.stall, p.store.entered = make(chan struct{}), make(chan struct{}, 100)
	})
	var done sync.WaitGroup
	done.Go(func() {
		p.send(http.MethodPost, "/v1/track", track(strings.Repeat("m", 200)), "Authorization", writeKey)
	})
	<-p.store.entered
	r := p.send(http.MethodPost, "/v1/track", track(strings.Repeat("n", 200)), "Authorization", writeKey)
	require.Equal(t, 503, r.Code)
	require.Equal(t, "1", r.Header().Get("Retry-After"))
	close(p.store.stall)
	done.Wait()
	require.Equal(t, 200, p.send(http.MethodPost, "/v1/track", track("later"), "Authorization", writeKey).Code)
}

// The store fails at random. Every event that was answered with 200 is in the store, and so is every event that was sent until it got 200.
func TestAcknowledgedEventsAreStored(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	n := 0
	var mu sync.Mutex
	p.store.set(func(store.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 {
			return store.ErrUnavailable
		}
		return nil
	})
	var done sync.WaitGroup
	for w := range 16 {
		done.Go(func() {
			for i := range 20 {
				id := fmt.Sprintf("%d/%d", w, i)
				for p.send(http.MethodPost, "/v1/track", track(id), "Authorization", writeKey).Code != 200 {
				}
			}
		})
	}
	done.Wait()
	seen := map[string]int{}
	for _, e := range p.store.events() {
		seen[e.ID]++
	}
	require.Len(t, seen, 320)
	for id, k := range seen {
		require.Equal(t, 1, k, "%s: what failed was not stored, what was stored was not sent again", id)
	}
	require.Equal(t, int64(320), p.store.counters().Accepted)
}

func TestCloseStoresQueuedEvents(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(_ *pod, o *batch.Options) { o.FlushEvery = time.Hour })
	require.Equal(t, 401, p.send(http.MethodPost, "/v1/track", `{}`, "Authorization", "Basic d3Jvbmc6").Code)
	require.Empty(t, p.store.batches)
	p.close()
	require.Equal(t, int64(1), p.store.counters().Rejected["bad-token"].Count)
}
