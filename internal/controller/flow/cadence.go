// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// CounterEvery is how often a status is written at most when nothing but its counters moved.
	CounterEvery = time.Minute
	// CounterSpace is the time that each of many objects gets: with more than CounterEvery has room for, each is written less often, so that all of
	// them together are no more writes a second than before.
	CounterSpace = 300 * time.Millisecond
	// CounterMost is the longest resulting time.
	CounterMost = 5 * time.Minute
)

// Cadence decides when counters that moved are shown. A status is written for their sake at most once in CounterEvery while they move,
// or CounterSpace for each object whose counters ever moved, up to CounterMost; and once when they come to rest, which again happens at most
// that often. Its memory is that of the process: after a restart the first change is shown at once.
type Cadence struct {
	mu sync.Mutex
	m  map[types.NamespacedName]shown
}

type shown struct{ moving, resting time.Time }

// Due reports whether counters that moved may be shown now, and if not, when. first shows a first number at once.
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

// every is the least time between two writes of an object. The caller holds the lock.
func (c *Cadence) every() time.Duration {
	return min(max(CounterEvery, time.Duration(len(c.m))*CounterSpace), CounterMost)
}

// Forget lets go of an object.
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
