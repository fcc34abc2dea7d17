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

	"github.com/journeyman-dev/journeyman/internal/analysis/analysistest"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
)

const testSource = "shop"

var (
	noon     = analysistest.Noon
	visitMap = analysistest.VisitMap
	stageOf  = analysistest.Stage
)

// say returns an event of a customer on the web, at a time before noon.
func say(person int, name string, ago time.Duration) event.Event {
	at := noon.Add(-ago).UnixMicro()
	return event.Event{
		Source: testSource, Channel: "web", Name: name, Time: at, ReceivedAt: at,
		Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint(person)}},
	}
}

// storeWith returns a store with the events, which get numbered ids.
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

// runOf returns a run at noon.
func runOf(doc *podconfig.Analysis, s store.Scanner) *Run {
	return &Run{
		Document: doc, Scheduled: noon, Job: "shop-map-1", Store: s,
		Now: func() time.Time { return noon.Add(10 * time.Second) }, Log: slog.New(slog.DiscardHandler),
	}
}

const day, hour = 24 * time.Hour, time.Hour
