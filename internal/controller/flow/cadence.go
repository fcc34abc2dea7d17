// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// CounterEvery is how often a status is written at most when nothing but its counters moved.
const CounterEvery = 5 * time.Minute

// Cadence decides when counters that moved are shown. A status is written for their sake at most every CounterEvery while they move,
// and once when they come to rest, which again happens at most every CounterEvery. Its memory is that of the process: after
// a restart the first change is shown at once.
type Cadence struct {
	mu sync.Mutex
	m  map[types.NamespacedName]shown
}

type shown struct{ moving, resting time.Time }

// Due says whether counters that moved may be shown now, and if not, when. first shows a first number at once.
func (c *Cadence) Due(key types.NamespacedName, now time.Time, first, resting bool) (bool, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[types.NamespacedName]shown{}
	}
	last := c.m[key]
	switch {
	case first || !now.Before(last.moving.Add(CounterEvery)):
		last.moving = now
	case resting && !now.Before(last.resting.Add(CounterEvery)):
		last.resting = now
	case resting:
		return false, earlier(last.moving, last.resting).Add(CounterEvery)
	default:
		return false, last.moving.Add(CounterEvery)
	}
	c.m[key] = last
	return true, time.Time{}
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
