// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// makeEvent returns an event with a number of random bytes, which cannot be compressed.
func makeEvent(id string, person, load int) event.Event {
	random := make([]byte, load/2)
	_, _ = rand.Read(random) // never fails
	now := time.Now().UnixMicro()
	return event.Event{
		ID: id, Source: "shop", Channel: "web", Name: "Product Viewed", Time: now, ReceivedAt: now,
		Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint(person)}, {Type: "anonymousId", Value: fmt.Sprint("a", person)}},
		Properties: fmt.Appendf(nil, `{"id":%q,"load":%q}`, id, hex.EncodeToString(random)),
	}
}

func makeBatch(prefix string, n, load int) store.Batch {
	b := store.Batch{Source: "shop", Counters: store.Counters{Accepted: int64(n)}}
	for i := range n {
		b.Events = append(b.Events, makeEvent(fmt.Sprintf("%s-%d", prefix, i), i%40, load))
	}
	return b
}

// ledger records which events were sent and acknowledged.
type ledger struct {
	mu          sync.Mutex
	sent, acked map[string]bool
	acks        int
}

func newLedger() *ledger { return &ledger{sent: map[string]bool{}, acked: map[string]bool{}} }

func (l *ledger) send(b store.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range b.Events {
		l.sent[b.Events[i].ID] = true
	}
}

func (l *ledger) ack(b store.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acks++
	for i := range b.Events {
		l.acked[b.Events[i].ID] = true
	}
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acks
}

// check scans all events: each acknowledged event is stored once, and only events that were sent are stored.
func (l *ledger) check(t *testing.T, s store.Scanner) {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
	require.NoError(t, err)
	seen := map[string]int{}
	for _, r := range rows {
		seen[r.ID()]++
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, n := range seen {
		require.Equal(t, 1, n, "event %s", id)
		require.True(t, l.sent[id], "event %s was never sent", id)
	}
	for id := range l.acked {
		require.Equal(t, 1, seen[id], "acknowledged event %s is lost", id)
	}
	require.EqualValues(t, len(rows), state(t, s).Events)
}
