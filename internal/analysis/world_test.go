// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

const testSource = "shop"

// noon is the scheduled time of runs in tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// say makes an event of a customer on the web, ago before noon.
func say(person int, name string, ago time.Duration) event.Event {
	at := noon.Add(-ago).UnixMicro()
	return event.Event{
		Source: testSource, Channel: "web", Name: name, Time: at, ReceivedAt: at,
		Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint(person)}},
	}
}

// storeWith gives a store with the events, which get ids by their number.
func storeWith(t testing.TB, events ...event.Event) *memory.Store {
	s := memory.New(identity.NewPolicy(nil))
	for i := range events {
		if events[i].ID == "" {
			events[i].ID = fmt.Sprint("e", i)
		}
	}
	_, err := s.Append(context.Background(), store.Batch{Source: testSource, Events: events})
	require.NoError(t, err)
	return s
}

// visitMap is a map of two stages with a window of a day over ten days.
func visitMap() v1alpha1.JourneyMapSpec {
	return v1alpha1.JourneyMapSpec{
		StoreRef:    v1alpha1.LocalReference{Name: "default"},
		Progression: v1alpha1.Progression{Order: v1alpha1.Ordered, Window: "1d"},
		Analysis:    &v1alpha1.Analysis{Lookback: "10d"},
		Stages:      []v1alpha1.Stage{stageOf("visit", "Visited"), stageOf("buy", "Order Completed")},
	}
}

func stageOf(name, event string) v1alpha1.Stage {
	return v1alpha1.Stage{Name: v1alpha1.ItemName(name), Touchpoints: []v1alpha1.Touchpoint{
		{Name: v1alpha1.ItemName(name), Match: []v1alpha1.EventMatch{{Event: event}}},
	}}
}

// runOf gives a run at noon.
func runOf(doc *podconfig.Analysis, s store.Scanner) *Run {
	return &Run{
		Document: doc, Scheduled: noon, Job: "shop-map-1", Store: s,
		Now: func() time.Time { return noon.Add(10 * time.Second) }, Log: slog.New(slog.DiscardHandler),
	}
}

const day, hour = 24 * time.Hour, time.Hour
