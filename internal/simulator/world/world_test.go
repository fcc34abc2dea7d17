// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var end = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func TestSameParametersGiveTheSameWorld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Defaults(end)
		p.Seed = rapid.Uint64().Draw(t, "seed")
		p.Persons = rapid.IntRange(1, 60).Draw(t, "persons")
		p.Days = rapid.IntRange(p.IncidentDays, 90).Draw(t, "days")
		p.Clean = rapid.Bool().Draw(t, "clean")
		p.Omnichannel = rapid.Bool().Draw(t, "omnichannel")
		a, err := New(p)
		require.NoError(t, err)
		b, err := New(p)
		require.NoError(t, err)
		for h := b.Households() - 1; h >= 0; h-- { // in another order, because households are independent
			require.Empty(t, cmp.Diff(a.Household(h), b.Household(h), cmp.AllowUnexported(Event{}, link{})))
		}
	})
}

func TestEventsAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Defaults(end)
		p.Seed, p.Persons, p.Omnichannel = rapid.Uint64().Draw(t, "seed"), 40, rapid.Bool().Draw(t, "omnichannel")
		w, err := New(p)
		require.NoError(t, err)
		ids := map[Source]map[string]bool{}
		for _, e := range w.Events() {
			if ids[e.Source] == nil {
				ids[e.Source] = map[string]bool{}
			}
			require.False(t, ids[e.Source][e.ID], "id %s twice in %s", e.ID, e.Source)
			ids[e.Source][e.ID] = true
			require.Equal(t, e.Time, e.Time.Truncate(time.Millisecond))
			require.False(t, e.SentAt().After(p.Now))
			require.False(t, e.Time.Before(p.Start()))
			require.Equal(t, e.Future, !e.Time.Before(p.Now))
			require.NotEmpty(t, e.Who(p.Now))
			require.NotEqual(t, Identities{}, e.Identities)
		}
	})
}

func TestWorldHasAllKindsOfEvents(t *testing.T) {
	p := Defaults(end)
	p.Persons = 3000
	w, err := New(p)
	require.NoError(t, err)
	seen := map[string]int{}
	count := func(what string, holds bool) {
		if holds {
			seen[what]++
		}
	}
	byStage := map[int]int{}
	for _, e := range w.Events() {
		byStage[e.Stage]++
		count("source "+string(e.Source), true)
		count("robot", e.Robot)
		count("test", e.Test)
		count("future", e.Future)
		count("late", e.Delay > time.Hour)
		count("clock ahead", e.Skew > 0)
		count("clock behind", e.Skew < 0)
		count("clock never set", e.Skew < -40*365*day)
		count("replayed", e.Replayed)
		count("brand", e.Brand)
		count("foreign currency", e.Currency == "CHF")
		count("linked device", e.via != nil && e.Who(p.Now) != e.who)
		count("unlinked device", e.via != nil && e.via.at.IsZero())
		count("cash", e.Source == Tills && e.Identities.LoyaltyID == "" && e.Identities.Email == "")
		count("placeholder", e.Placeholder != "")
		count("a shop's mailbox", e.Source == Tills && e.Identities.Email == w.mailbox(0) && e.Public())
		count("tablet", e.Source == Web && e.Identities.CustomerID != "" && e.Identities.DeviceID != "" && e.Identities.AnonymousID == "")
		count("somebody else's browser", e.Identities.CustomerID != "" && e.Identities.AnonymousID != "" &&
			e.Identities.AnonymousID[len(e.Identities.AnonymousID)-8:len(e.Identities.AnonymousID)-2] != e.Identities.CustomerID[len(e.Identities.CustomerID)-6:])
	}
	t.Log(seen, byStage)
	for _, what := range []string{
		"source web", "source crm-email", "source tills", "source support", "source surveys", "robot", "test", "future", "late", "clock ahead",
		"clock behind", "clock never set", "replayed", "brand", "foreign currency", "linked device", "unlinked device", "cash", "placeholder", "a shop's mailbox", "tablet", "somebody else's browser",
	} {
		require.Greater(t, seen[what], 3, what)
	}
	for stage := range stageCount {
		require.Greater(t, byStage[stage], 300, StageNames[stage])
	}
}

// Draws pairs of worlds. Their numbers add up in one store only if they have no common identifiers.
func TestWorldsHaveNoCommonPersons(t *testing.T) {
	named := func(seed uint64, now time.Time) map[string]bool {
		p := Defaults(now)
		p.Seed, p.Persons = seed, 40
		w, err := New(p)
		require.NoError(t, err)
		all := map[string]bool{}
		for _, e := range w.Events() {
			i := e.Identities
			for _, id := range []string{i.CustomerID, i.LoyaltyID, i.Email, i.Phone, i.DeviceID, i.AnonymousID} {
				if id != "" {
					all[id] = true
				}
			}
		}
		return all
	}
	for second := range 40 {
		now := end.Add(time.Duration(second) * time.Second)
		a, b := named(3, now), named(4, now)
		for id := range a {
			require.False(t, b[id], "%s is of both worlds of %v", id, now)
		}
	}
}

func TestInvalidParamsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Params){
		"persons":       func(p *Params) { p.Persons = 0 },
		"days":          func(p *Params) { p.Days = 0 },
		"window":        func(p *Params) { p.Window = 0 },
		"incident-days": func(p *Params) { p.IncidentDays = p.Days + 1 },
		"now":           func(p *Params) { p.Now = p.Now.Add(time.Millisecond) },
	} {
		p := Defaults(end)
		change(&p)
		_, err := New(p)
		require.ErrorContains(t, err, name)
	}
}
