// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package send

import (
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Plan returns all requests of a world in the order in which they are sent, good and bad, and their totals. Events after liveFrom are sent one by
// one; the zero value means never. Another delivery sends the same events in other batches.
func Plan(w *world.World, delivery uint64, liveFrom time.Time) ([]*wire.Request, wire.Tally) {
	var out []*wire.Request
	p := wire.NewPlanner(w, delivery, func(r *wire.Request) { out = append(out, r) })
	p.LiveFrom = liveFrom
	events := w.Events()
	for i := range events {
		p.Add(&events[i])
	}
	p.Flush()
	out = append(out, p.Bad(w)...)
	slices.SortStableFunc(out, func(a, b *wire.Request) int { return a.At.Compare(b.At) })
	return out, p.Sent
}
