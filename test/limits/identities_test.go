// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package limits

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// crowdMemory is small, so that few identities fill it. A store that is reopened with half of it knows more identities than its limit.
const crowdMemory = 256 << 20

// strangers returns events with sixteen new identities each.
func strangers(source string, round int, public bool) store.Batch {
	const n, each = 4000, 16
	now := time.Now().UnixMicro()
	b := store.Batch{Source: source, Trust: &store.Trust{Public: public}}
	for i := range n {
		e := event.Event{ID: fmt.Sprint(round, "-", i), Source: source, Name: "A", Time: now, ReceivedAt: now}
		for k := range each {
			e.Identities = append(e.Identities, event.Identity{Type: fmt.Sprint("externalId", k), Value: fmt.Sprint(source, round, "-", i)})
		}
		b.Events = append(b.Events, e)
	}
	return b
}

// order returns an event of a customer whom the store knows.
func order(id string) store.Batch {
	b := events(1, 10)
	b.Events[0].ID = id
	return b
}

// An attacker with a public write key sends new identities without limit. Then a trusted source does.
func TestPublicSourcesCannotFillIdentityMemory(t *testing.T) {
	r := newRig(t, "--memory", fmt.Sprint(crowdMemory))
	confine(t, r.Store, crowdMemory)
	c, err := r.Client()
	require.NoError(t, err)
	appender, err := r.Appender()
	require.NoError(t, err)
	send := func(b store.Batch) error {
		return eventually(t.Context(), func(ctx context.Context) error {
			_, err := appender.Append(ctx, b)
			return errors.Join(err, r.Store.Alive())
		})
	}
	health := func() store.Health {
		s, err := c.State(t.Context())
		require.NoError(t, err)
		return s.Health
	}
	known := func() int64 { h := health(); return h.Identities + h.IdentityLinks }
	require.NoError(t, send(order("first")))
	limit := health().IdentityLimit
	require.Positive(t, limit)

	flood := func(source string, public bool) (refused error) {
		for round := range 50 {
			if refused = send(strangers(source, round, public)); refused != nil {
				return refused
			}
		}
		return nil
	}
	source := func(name string) store.SourceState {
		s, err := c.State(t.Context())
		require.NoError(t, err)
		i := slices.IndexFunc(s.Sources, func(s store.SourceState) bool { return s.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		return s.Sources[i]
	}
	// The store knows both before the flood.
	require.NoError(t, send(strangers("kiosk", 1000, true)))
	require.NoError(t, send(strangers("page", 1000, true)))
	for _, name := range []string{"page", "kiosk"} {
		require.ErrorIs(t, flood(name, true), store.ErrCrowded)
		s := source(name)
		require.LessOrEqual(t, s.NewIdentities, s.IdentityShare)
		require.Greater(t, s.NewIdentities, s.IdentityShare/2, "the flood of one leaves the share of the other: %s", name)
		require.Positive(t, s.RefusedNewcomers, name)
	}
	require.LessOrEqual(t, known(), limit*store.PublicIdentityPercent/100)
	require.NoError(t, send(order("second")))
	require.ErrorIs(t, flood("crm", false), store.ErrCrowded)
	require.Greater(t, known(), store.MostIdentities(limit, true), "trusted sources have room of their own")
	require.LessOrEqual(t, known(), limit)
	require.NoError(t, send(order("third")))
	withinLimit(t, r.Store, crowdMemory)

	t.Log("with less memory it opens all the same")
	require.NoError(t, r.Store.Stop())
	require.NoError(t, r.StartStore(t.Context(), "--memory", fmt.Sprint(crowdMemory/2)))
	require.Greater(t, known(), health().IdentityLimit)
	require.NoError(t, send(order("fourth")))
	require.ErrorIs(t, send(strangers("crm", 100, false)), store.ErrCrowded)
	rows, _, err := storetest.Collect(t.Context(), c, store.ScanRequest{Sources: []string{"shop"}})
	require.NoError(t, err)
	require.Len(t, rows, 4)
}
