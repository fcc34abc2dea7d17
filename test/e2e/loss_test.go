// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestNothingAcknowledgedIsLost streams events in while the store's and the ingestion pods' processes are killed.
// Every message is sent until it is acknowledged; in the end each is stored exactly once.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	tm := newTeam(t)
	tm.apply(ecomSource)
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	url := tm.serviceURL("web-ingest")

	const senders, batches, size = 4, 60, 50
	var wg sync.WaitGroup
	errs := make([]error, senders)
	for w := range senders {
		wg.Go(func() {
			s := segment{url: url, writeKey: "e2e-write-key"}
			for b := range batches {
				if errs[w] = s.send(numbered(w, b, size), time.Now()); errs[w] != nil {
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	kills := tm.killUntil(done)
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, kills, 2, "the test is worth nothing if nobody was killed")
	tm.eventually("every event stored once", func() error {
		var es v1alpha1.EventStore
		tm.get("default", &es)
		if es.Status.Events != senders*batches*size {
			return fmt.Errorf("%d events stored, %d acknowledged", es.Status.Events, senders*batches*size)
		}
		return nil
	})
}

// numbered gives messages of a sender that no other batch has.
func numbered(sender, batch, size int) []message {
	out := make([]message, 0, size)
	for i := range size {
		out = append(out, message{
			"type": "track", "event": "Page Viewed", "messageId": fmt.Sprintf("m-%d-%d-%d", sender, batch, i),
			"userId": fmt.Sprintf("user-%d", (batch*size+i)%97), "timestamp": time.Now().UTC().Format(time.RFC3339Nano),
		})
	}
	return out
}

// killUntil kills store and ingestion processes in turn until done, and gives the number of kills.
func (tm *team) killUntil(done <-chan struct{}) (kills int) {
	tm.t.Helper()
	victims := []struct{ component, binary string }{{"store", "store"}, {"ingest", "ingest"}}
	for i := 0; ; i++ {
		select {
		case <-done:
			return kills
		case <-time.After(1500 * time.Millisecond):
		}
		v := victims[i%len(victims)]
		for _, pod := range tm.pods(map[string]string{"app.kubernetes.io/component": v.component}) {
			if killProcess(&pod, v.binary) == nil {
				kills++
				break
			}
		}
	}
}
