// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package progression_test

import (
	"testing"
	"time"

	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/journeytest"
	"github.com/journeyman-dev/journeyman/internal/journey/progression"
)

// BenchmarkManyEntries is the worst case for a naive search: every event starts an attempt.
func BenchmarkManyEntries(b *testing.B) {
	events := make([]journey.Event, journey.MaxEvents)
	for i := range events {
		events[i] = journey.Event{Time: int64(i) * journeytest.Second, Stages: 1, Customer: true}
	}
	for _, order := range []journey.Order{journey.Ordered, journey.Strict, journey.AnyOrder} {
		b.Run(string(order), func(b *testing.B) {
			policy := journeytest.Plain
			policy.Order, policy.Window = order, 365*24*time.Hour
			p, err := progression.New(journeytest.TwoStages().Stages, policy)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				p.Best(events, 0, 1<<60, 1<<60)
			}
		})
	}
}
