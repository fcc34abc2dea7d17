// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"
)

// Clock is the real one, put forward by what was stepped. Its timers are real: who waits has to be woken.
type Clock struct {
	clock.RealClock

	ahead atomic.Int64
}

// Step puts the clock forward.
func (c *Clock) Step(d time.Duration) { c.ahead.Add(int64(d)) }

// Now is the time of the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Since is the time of the clock since then.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
