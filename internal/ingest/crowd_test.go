// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// noStrangers simulates a store without memory for identities with a certain prefix.
func noStrangers(b store.Batch) error {
	var refused []int32
	for i := range b.Events {
		if slices.ContainsFunc(b.Events[i].Identities, func(id event.Identity) bool { return strings.HasPrefix(id.Value, "stranger") }) {
			refused = append(refused, int32(i))
		}
	}
	if len(refused) > 0 {
		return &store.CrowdedError{Refused: refused, Why: "no memory"}
	}
	return nil
}

func tracked(id, user string) string {
	return fmt.Sprintf(`{"type":"track","event":"A","messageId":%q,"timestamp":"2026-11-21T10:00:00Z","userId":%q}`, id, user)
}

// Requests with new identities, for which the store has no memory, must be retried. Requests of known customers in the same append do not wait for
// them.
func TestNewIdentitiesDoNotDelayKnownCustomers(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, o *batch.Options) {
		o.InFlight, o.AppendTimeout = 1, time.Minute
		p.store.stall, p.store.entered = make(chan struct{}), make(chan struct{}, 100)
		p.store.fail = noStrangers
	})
	codes := make([]int, 20)
	var done sync.WaitGroup
	send := func(i int) {
		done.Go(func() {
			user := "known"
			if i%2 == 1 {
				user = fmt.Sprint("stranger-", i)
			}
			r := p.send(http.MethodPost, "/v1/batch", `{"batch":[`+tracked(fmt.Sprint("m-", i), user)+`]}`, "Authorization", writeKey)
			codes[i] = r.Code
			if i%2 == 1 {
				require.Equal(t, "30", r.Header().Get("Retry-After"))
			}
		})
	}
	send(0)
	<-p.store.entered
	before := p.stats().QueuedBytes
	for i := 1; i < len(codes); i++ {
		send(i)
	}
	require.Eventually(t, func() bool { return p.stats().QueuedBytes >= before*int64(len(codes)) }, waitFor, poll)
	close(p.store.stall)
	done.Wait()
	for i, code := range codes {
		require.Equal(t, []int{200, 503}[i%2], code)
	}
	require.Len(t, p.store.events(), 10)
	require.EqualValues(t, 10, p.store.counters().Accepted)
	require.EqualValues(t, 10, p.waiting(t), "each is counted, so that the source can say it")
	require.Zero(t, p.stats().QueuedBytes)
}

// If a request has both, the events of known customers are stored. The sender retries the whole request, and these events are redelivered.
func TestRequestOfKnownAndNewCustomers(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, _ *batch.Options) { p.store.fail = noStrangers })
	send := func(messages ...string) int {
		body := `{"batch":[` + strings.Join(messages, ",") + `]}`
		return p.send(http.MethodPost, "/v1/batch", body, "Authorization", writeKey).Code
	}
	both := []string{tracked("a", "known"), tracked("b", "stranger"), tracked("c", "known"), `{"type":"track","userId":"known","messageId":"bad"}`}
	require.Equal(t, 503, send(both...))
	require.Equal(t, []string{"a", "c"}, idsOf(p.store.events()))
	require.EqualValues(t, 1, p.waiting(t), "one event of the request")
	require.Zero(t, p.store.counters().Rejected["missing-field"].Count, "a refusal counts when the request is answered for good")
	p.store.set(nil) // the store gets more memory
	require.Equal(t, 200, send(both...))
	require.Equal(t, []string{"a", "c", "a", "b", "c"}, idsOf(p.store.events()))

	t.Log("what would be another event when it comes again waits with the rest of its request")
	p.store.set(noStrangers)
	require.Equal(t, 503, send(tracked("d", "known"), tracked("e", "stranger"), `{"type":"track","event":"A","userId":"known"}`))
	require.Len(t, p.store.events(), 5)
	require.Equal(t, 200, send(tracked("d", "known"), `{"type":"track","event":"A","userId":"known"}`))
}

// Requests with events of a load that is being committed must be retried. Those of others in the same append do not wait for the load.
func TestEventsOfALoadDoNotDelayOthers(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key", func(p *pod, o *batch.Options) {
		o.InFlight, o.AppendTimeout = 1, time.Minute
		p.store.stall, p.store.entered = make(chan struct{}), make(chan struct{}, 100)
		p.store.fail = func(b store.Batch) error {
			var crowded *store.CrowdedError
			if errors.As(noStrangers(b), &crowded) {
				return &store.HeldError{Held: crowded.Refused, Why: "a load"}
			}
			return nil
		}
	})
	codes := make([]int, 6)
	var done sync.WaitGroup
	send := func(i int) {
		done.Go(func() {
			body := `{"batch":[` + tracked(fmt.Sprint("m-", i), []string{"known", "stranger"}[i%2]) + `]}`
			codes[i] = p.send(http.MethodPost, "/v1/batch", body, "Authorization", writeKey).Code
		})
	}
	send(0)
	<-p.store.entered
	before := p.stats().QueuedBytes
	for i := 1; i < len(codes); i++ {
		send(i)
	}
	require.Eventually(t, func() bool { return p.stats().QueuedBytes >= before*int64(len(codes)) }, waitFor, poll)
	close(p.store.stall)
	done.Wait()
	require.Equal(t, []int{200, 503, 200, 503, 200, 503}, codes)
	require.Len(t, p.store.events(), 3)
	require.Zero(t, p.store.counters().Rejected[reject.NewIdentities].Count, "there is memory for them")
}

// waiting returns the counter of events that wait for memory in the store, once it is stored.
func (p *pod) waiting(t *testing.T) int64 {
	t.Helper()
	count := func() int64 { return p.store.counters().Rejected[reject.NewIdentities].Count }
	before := int64(-1)
	require.Eventually(t, func() bool {
		now := count()
		rests := now > 0 && now == before
		before = now
		return rests
	}, waitFor, 20*poll)
	return count()
}

func idsOf(events []event.Event) (ids []string) {
	for i := range events {
		ids = append(ids, events[i].ID)
	}
	return ids
}
