// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// CounterEvery is the minimum interval between two writes of a status if only its counters have changed.
	CounterEvery = time.Minute
	// CounterSpace is the time for each of many objects. If there are more than fit into CounterEvery, each is written less often, so that the total
	// rate of writes does not increase.
	CounterSpace = 300 * time.Millisecond
	// CounterMost is the longest resulting interval.
	CounterMost = 5 * time.Minute
)

// Cadence decides when changed counters are shown. Because of them, a status is written at most once in CounterEvery while they change, or
// CounterSpace for each object whose counters ever changed, up to CounterMost. It is also written once when they stop changing, at most that often.
// Its state is in memory: after a restart, the first change is shown at once.
type Cadence struct {
	mu sync.Mutex
	m  map[types.NamespacedName]shown
}

type shown struct{ moving, resting time.Time }

// Due reports whether changed counters can be shown now, and if not, when. first shows the first number at once.
func (c *Cadence) Due(key types.NamespacedName, now time.Time, first, resting bool) (bool, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[types.NamespacedName]shown{}
	}
	last, every := c.m[key], c.every()
	switch {
	case first || !now.Before(last.moving.Add(every)):
		last.moving = now
	case resting && !now.Before(last.resting.Add(every)):
		last.resting = now
	case resting:
		return false, earlier(last.moving, last.resting).Add(every)
	default:
		return false, last.moving.Add(every)
	}
	c.m[key] = last
	return true, time.Time{}
}

// every returns the minimum interval between two writes of an object. The caller holds the lock.
func (c *Cadence) every() time.Duration {
	return min(max(CounterEvery, time.Duration(len(c.m))*CounterSpace), CounterMost)
}

// Forget drops the state of an object.
func (c *Cadence) Forget(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, key)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
