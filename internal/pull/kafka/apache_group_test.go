// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package kafka_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/kafka/apache"
)

// Three processes join, leave and are killed, while messages arrive all the time.
func rebalances(t *testing.T, c *apache.Cluster) {
	s := newTopic(t, c, 7, nil)
	p := pulltest.NewPod(t, s)
	w := s.writing(t)
	first := p.Start(t, "till-1")
	p.Await(100)
	second := p.Start(t, "till-2")
	s.awaitMembers(t, 2)
	third := p.Start(t, "till-3")
	s.awaitMembers(t, 3)
	first.Stop(t)
	s.awaitMembers(t, 2)
	first = p.Start(t, "till-1")
	s.awaitMembers(t, 3)
	// The process of a pod that is killed is followed by one with the same name.
	second.Kill(t)
	third.Kill(t)
	third = p.Start(t, "till-3")
	second = p.Start(t, "till-2")
	// The group has not noticed. Both are back when all is read of what was written for a while.
	p.Await(w.written() + 350)
	p.Await(w.written())
	third.Stop(t)
	first.Stop(t)
	s.awaitMembers(t, 1)
	n := w.end()
	p.Await(n)
	second.Stop(t)
	p.Check(n, true)
}

// writer writes messages all the time.
type writer struct {
	cancel context.CancelFunc
	group  sync.WaitGroup
	n      atomic.Int64
}

// writing starts a writer, which ends with the test.
func (s *topicOf) writing(t *testing.T) *writer {
	t.Helper()
	w := &writer{}
	var ctx context.Context
	ctx, w.cancel = context.WithCancel(t.Context())
	t.Cleanup(w.cancel)
	w.group.Go(func() {
		for ctx.Err() == nil {
			n := w.written()
			s.Write(t, pulltest.Documents(n, n+35)...)
			w.n.Add(35)
			time.Sleep(20 * time.Millisecond) // a load that two cores can follow
		}
	})
	return w
}

// written returns the number of messages until now.
func (w *writer) written() int { return int(w.n.Load()) }

// end ends writing, and returns the number of messages.
func (w *writer) end() int {
	w.cancel()
	w.group.Wait()
	return w.written()
}

// awaitMembers waits until the group has divided its partitions among n members.
func (s *topicOf) awaitMembers(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		groups, err := s.Admin.DescribeGroups(t.Context(), s.group())
		if err != nil {
			return false // The coordinator can be about to change.
		}
		g, with := groups[s.group()], 0
		for _, m := range g.Members {
			if a, ok := m.Assigned.AsConsumer(); ok && len(a.Topics) > 0 {
				with++
			}
		}
		return g.State == "Stable" && len(g.Members) == n && with == n
	}, waitFor, tick)
}
