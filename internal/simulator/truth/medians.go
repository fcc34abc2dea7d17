// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Range is the range of a median, in seconds.
type Range struct{ From, To int64 }

// MedianRanges returns, for each stage, the range of the median time to the next one. It depends on how fast the events were sent: a time that the
// receiver corrected can be late by the duration of the sending, and persons near an edge can count or not. Stages that nobody continued from have no
// range.
func MedianRanges(q Question, worlds ...*world.World) [stages]*Range {
	var early, late [stages][]time.Duration
	unsure := 0
	each(q, worlds, func(events []*world.Event) {
		for _, p := range persons(q, events) {
			run := p.best(q, q.mature)
			if differs(q, p) || !run.near(p.late(Transit).best(q, q.mature)) {
				unsure++
			}
			for i := 1; i < len(run); i++ {
				took := run[i].Time.Sub(run[i-1].Time)
				early[i-1] = append(early[i-1], took-transit(run[i-1]))
				late[i-1] = append(late[i-1], took+transit(run[i]))
			}
		}
	})
	var out [stages]*Range
	for i := range out {
		n := len(early[i])
		if n == 0 {
			continue
		}
		slices.Sort(early[i])
		slices.Sort(late[i])
		out[i] = &Range{
			From: int64(early[i][max(0, (n-1)/2-unsure)] / time.Second),
			To:   int64((late[i][min(n-1, n/2+unsure)] + time.Second - 1) / time.Second),
		}
	}
	return out
}

// near reports whether another passage took about as long from stage to stage, with the same events.
func (a passage) near(b passage) bool {
	for i := 1; i < len(a) && i < len(b); i++ {
		if d := a[i].Time.Sub(a[i-1].Time) - b[i].Time.Sub(b[i-1].Time); d.Abs() > Transit {
			return false
		}
	}
	return len(a) == len(b)
}

// transit returns how late the time of an event can be.
func transit(e *world.Event) time.Duration {
	if e.Skewed {
		return Transit
	}
	return 0
}
