// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"
)

// Clock is the real clock plus an offset. Its timers are real, so whoever waits must be woken.
type Clock struct {
	clock.RealClock

	ahead atomic.Int64
}

// Step advances the clock.
func (c *Clock) Step(d time.Duration) { c.ahead.Add(int64(d)) }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Since returns the time since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
