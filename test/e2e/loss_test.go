// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("Acknowledged events", suite.Slow, suite.Faults, func() {
	// Store and ingestion processes are killed six times while events are sent. Each message is sent until it is acknowledged. In the end, each is
	// stored exactly once.
	It("are stored exactly once, although processes are killed", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("es", "default", v1alpha1.ConditionAvailable, "True")
		url := tm.serviceURL("web-ingest")

		const senders, size, kills = 4, 50, 6
		var wg sync.WaitGroup
		stop := make(chan struct{})
		errs, acked := make([]error, senders), make([]int, senders)
		for w := range senders {
			wg.Go(func() {
				s := segment{url: url, writeKey: "e2e-write-key"}
				for b := 0; errs[w] == nil; b++ {
					select {
					case <-stop:
						return
					default:
						errs[w] = s.send(numbered(w, b, size), time.Now())
						acked[w] = s.acked
					}
				}
			})
		}
		tm.kill(kills)
		close(stop)
		wg.Wait()
		total := 0
		for w, err := range errs {
			Expect(err).NotTo(HaveOccurred())
			total += acked[w]
		}
		AddReportEntry(fmt.Sprintf("%d events acknowledged around %d kills", total, kills))
		tm.eventually("every event stored once", func() error {
			var es v1alpha1.EventStore
			tm.get("default", &es)
			if n := ptr.Deref(es.Status.Events, 0); n != int64(total) {
				return fmt.Errorf("%d events stored, %d acknowledged", n, total)
			}
			return nil
		})
	})
})

// numbered returns messages with unique ids.
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

// kill kills store and ingestion processes alternately.
func (tm *team) kill(times int) {
	GinkgoHelper()
	victims := []string{"store", "ingest"}
	for i := 0; i < times; i++ {
		victim := victims[i%len(victims)]
		tm.eventually("a process /"+victim+" to kill", func() error {
			err := fmt.Errorf("no pod of %s", victim)
			for _, pod := range tm.pods(map[string]string{"app.kubernetes.io/component": victim}) {
				if err = killProcess(&pod, victim); err == nil {
					return nil
				}
			}
			return err
		})
		time.Sleep(2 * time.Second) // let some events arrive between two kills
	}
}
