// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Identities that were split stay apart, even if an alias names them. A device that is kept apart from one of two customers stays apart when these
// customers are merged.
func TestAliasOfSplitIdentities(t *testing.T) {
	ann, ben, phone, tablet := id("customerId", "ann"), id("customerId", "ben"), id("deviceId", "phone"), id("deviceId", "tablet")
	t.Run("the customers", func(t *testing.T) {
		s := newScene(t)
		s.say(1, event.Track, ann, phone)
		s.say(2, event.Track, ben, tablet)
		s.part(ann, ben)
		s.say(3, event.Alias, ann, ben)
		s.together(false, ann, ben)
		s.together(true, ann, phone)
		s.together(true, ben, tablet)
	})
	t.Run("the device of one", func(t *testing.T) {
		s := newScene(t)
		s.say(1, event.Track, ann, phone)
		s.say(2, event.Track, ben, tablet)
		s.part(phone, ben)
		s.say(3, event.Alias, ann, ben)
		s.together(true, ann, ben)
		s.together(false, phone, ann)
		s.together(true, ben, tablet)
	})
	t.Run("the device of the other", func(t *testing.T) {
		s := newScene(t)
		s.say(1, event.Track, ann, phone)
		s.say(2, event.Track, ben, tablet)
		s.part(tablet, ann)
		s.say(3, event.Alias, ann, ben)
		s.together(true, ann, ben)
		s.together(false, tablet, ann)
		s.together(true, phone, ben)
	})
}

// The log can contain pairs whose identities were erased since. A pair without one of its ends is ignored. A pair without its reason is kept.
func TestRebindOfErasedIdentities(t *testing.T) {
	ann, phone, mail := id("customerId", "ann"), id("deviceId", "phone"), id("email", "gone@example.com")
	first, stranger := event.Identity{Type: "anonymousId", Value: "first"}, mail.Anchor()
	table := New(identity.NewPolicy(nil))
	e := event.Event{ID: "0", Source: "s", Identities: []event.Identity{first}}
	table.Add(1, identity.Source{}, identity.EdgesOf(&e))
	e = event.Event{ID: "1", Source: "s", Identities: []event.Identity{ann, phone}}
	table.Add(2, identity.Source{}, identity.EdgesOf(&e))
	for _, p := range []identity.Pair{{A: ann.Anchor(), B: stranger}, {A: stranger, B: ann.Anchor()}, {A: stranger, B: mail.Anchor()}} {
		require.False(t, table.Rebind(identity.Bonds{Added: []identity.Pair{p}}))
		require.Empty(t, table.graph.Apart())
	}
	require.True(t, table.Rebind(identity.Bonds{Added: []identity.Pair{{A: ann.Anchor(), B: phone.Anchor(), By: stranger}}}))
	want := identity.Pair{A: min(ann.Anchor(), phone.Anchor()), B: max(ann.Anchor(), phone.Anchor())}
	require.Equal(t, []identity.Pair{want}, table.graph.Apart())
	v, err := table.View(0)
	require.NoError(t, err)
	require.NotEqual(t, v.PersonOf(ann.Anchor()), v.PersonOf(phone.Anchor()))
	require.True(t, table.Rebind(identity.Bonds{Dropped: []identity.Pair{{A: phone.Anchor(), B: ann.Anchor(), By: stranger}}}))
	require.Empty(t, table.graph.Apart())
}
