// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journeytest

import (
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey"
)

// Page is the source of the tests that anybody can write to.
const Page = "page"

// Counts says of two reports of one order whether a counts rather than b, as docs/numbers.md has it: one with an amount rather than one without, one
// of the page last, and then the one that was received first. Of one instant it is the one whose source, amount, time and place come first.
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
