// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package statements

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/test/draws"
)

func drawEvent(t *rapid.T, n int) event.Event {
	e := event.Event{
		ID: strconv.Itoa(n), Source: "shop", Time: rapid.Int64Range(0, 20).Draw(t, "time"),
		Kind:  rapid.SampledFrom([]event.Kind{event.Track, event.Identify, event.Alias, event.System}).Draw(t, "kind"),
		Flags: rapid.SampledFrom([]event.Flags{0, 0, event.FlagOwn, event.FlagFuture}).Draw(t, "flags"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "identities") {
		typ := rapid.SampledFrom([]string{"customerId", "email", "deviceId", "anonymousId"}).Draw(t, "type")
		e.Identities = append(e.Identities, event.Identity{Type: typ, Value: strconv.Itoa(rapid.IntRange(0, 5).Draw(t, "value"))})
	}
	e.Normalize()
	return e
}

// A table that gets the links once has the same persons as one that gets those of each event, and the same when another source changes its trust.
func TestLinksOnce(t *testing.T) {
	draws.Check(t, 200, func(rt *rapid.T) {
		each, once := persons.New(identity.NewPolicy(nil)), persons.New(identity.NewPolicy(nil))
		set := NewSet(0)
		shop := identity.Source{Name: "shop", Public: rapid.Bool().Draw(rt, "public")}
		var all []identity.Edge
		anchors := map[event.Anchor]bool{}
		for n := range rapid.IntRange(0, 40).Draw(rt, "events") {
			e := drawEvent(rt, n)
			set.Add(&e)
			all = append(all, identity.EdgesOf(&e)...)
			for _, id := range e.Identities {
				anchors[id.Anchor()] = true
			}
		}
		each.Add(1, shop, all)
		set.Sort()
		once.AddEach(1, shop, set.Edges())
		require.LessOrEqual(rt, set.Len(), len(all))
		same := func() {
			require.Equal(rt, each.Stats(), once.Stats())
			require.Equal(rt, each.Entries(), once.Entries())
			want, err := each.View(0)
			require.NoError(rt, err)
			got, err := once.View(0)
			require.NoError(rt, err)
			for a := range anchors {
				require.Equal(rt, want.PersonOf(a), got.PersonOf(a))
			}
		}
		same()
		shop.Public = !shop.Public
		each.Add(2, shop, nil)
		once.Add(2, shop, nil)
		same()
	})
}

// The guess of the persons follows the main rules, and the persons that are known already.
func TestPlace(t *testing.T) {
	id := func(typ, value string) event.Identity { return event.Identity{Type: typ, Value: value} }
	ann, ben, visit, other, tablet := id("customerId", "ann"), id("customerId", "ben"), id("anonymousId", "1"), id("anonymousId", "2"), id("deviceId", "t")
	set := NewSet(0)
	add := func(n int, ids ...event.Identity) {
		e := event.Event{ID: strconv.Itoa(n), Source: "shop", Time: int64(n), Identities: ids}
		e.Normalize()
		set.Add(&e)
	}
	add(1, visit)
	add(2, ann, visit)
	add(3, ben, visit)
	add(4, other, tablet)
	for n := range 5 {
		add(10+n, id("customerId", strconv.Itoa(n)), id("anonymousId", "hub"))
	}
	set.Sort()
	known := identity.NewView(7, []event.Anchor{tablet.Anchor()}, []event.Anchor{ben.Anchor()})
	got := set.Place(known, identity.NewPolicy(nil))
	require.Zero(t, got.Version(), "no table has this version")
	for of, want := range map[event.Identity]event.Identity{
		ann: ann, ben: ben, visit: ann, other: ben, tablet: ben, id("anonymousId", "hub"): id("anonymousId", "hub"), id("customerId", "3"): id("customerId", "3"),
	} {
		require.Equal(t, uint64(want.Anchor()), got.PersonOf(of.Anchor()), "%v", of)
	}
}
