// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// Undoing a split does not revert other splits, and does not change what the same identity is kept apart from for another reason.
func TestUndoTakesBackOneSplit(t *testing.T) {
	s := newScene(t)
	ann, ben, phone, tablet := id("customerId", "ann"), id("customerId", "ben"), id("deviceId", "phone"), id("deviceId", "tablet")
	s.say(1, event.Track, ann, phone)
	s.say(2, event.Track, ben, tablet)
	s.part(phone)
	s.part(tablet)
	s.part(phone, ben)
	for i := range 6 { // anchors smaller and larger than that of the device
		customer := id("customerId", fmt.Sprint(i))
		s.say(int64(3+i), event.Track, customer)
		s.part(phone, customer)
	}
	parted, err := s.table.Split(identity.Split{Identity: tablet.Anchor(), Undo: true}, kept)
	require.NoError(t, err)
	require.Len(t, parted.Dropped, 1)
	s.together(true, tablet, ben)
	s.together(false, phone, ann)
	parted, err = s.table.Split(identity.Split{Identity: phone.Anchor(), From: ben.Anchor(), Undo: true}, kept)
	require.NoError(t, err)
	require.Len(t, parted.Dropped, 1)
	s.together(false, phone, ann)
}

// If a trusted source repeats a statement of a public source, the statement counts as trusted.
func TestTrustedSourceConfirms(t *testing.T) {
	ann, mail := id("customerId", "ann"), id("email", "a@b.c")
	table := New(identity.NewPolicy(nil))
	table.Add(1, identity.Source{Name: "web", Public: true}, stated(1, 0, mail))
	table.Add(2, identity.Source{Name: "web", Public: true}, stated(2, 0, ann, mail))
	persons := func() (a, b uint64) {
		v, err := table.View(0)
		require.NoError(t, err)
		return v.PersonOf(ann.Anchor()), v.PersonOf(mail.Anchor())
	}
	a, b := persons()
	require.NotEqual(t, a, b, "a public source joins no two who have names")
	require.True(t, table.Add(3, identity.Source{Name: "shop"}, stated(2, 0, ann, mail)))
	a, b = persons()
	require.Equal(t, a, b)
}

// A commit that was already added is ignored, whatever it contains.
func TestRepeatedCommitIsIgnored(t *testing.T) {
	table, ann, ben := New(identity.NewPolicy(nil)), id("customerId", "ann"), id("customerId", "ben")
	table.Add(7, identity.Source{}, stated(1, 0, ann))
	require.False(t, table.Add(7, identity.Source{}, stated(2, 0, ben)))
	require.False(t, table.Add(6, identity.Source{}, stated(2, 0, ben)))
	require.False(t, table.Knows(ben.Anchor()))
	require.EqualValues(t, 7, table.Seq())
}

// Two customers about whom nothing else is known also stay apart.
func TestAliasOfTwoAlone(t *testing.T) {
	s := newScene(t)
	ann, ben := id("customerId", "ann"), id("customerId", "ben")
	s.say(1, event.Track, ann)
	s.say(2, event.Track, ben)
	s.part(ann, ben)
	s.say(3, event.Alias, ann, ben)
	s.together(false, ann, ben)
}
