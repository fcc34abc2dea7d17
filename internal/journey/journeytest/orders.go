// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Page is the public source of the tests.
const Page = "page"

// Counts reports whether report a has priority over report b of the same order, as docs/numbers.md defines it: reports with an amount first, those of
// the page last, then the one that was received first. At one instant, source, amount, time and place decide.
func Counts(a, b *journey.Row, amount func(r *journey.Row) (micros int64, valued bool)) bool {
	rank := func(r *journey.Row) []uint64 {
		micros, valued := amount(r)
		source := event.KeyOf(r.Source, r.OrderID)
		var last [2]uint64
		if !valued {
			last[0], micros = 1, 0
		}
		if r.Source == Page {
			last[1] = 1
		}
		return []uint64{last[0], last[1], uint64(r.ReceivedAt), source.Hi, source.Lo, uint64(micros), uint64(r.Time), uint64(r.Seq), uint64(r.Index)}
	}
	return slices.Compare(rank(a), rank(b)) < 0
}
