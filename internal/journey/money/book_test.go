// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// Anybody with the write key of a page can send any number of order ids. Orders of public sources use at most half of a book. An order that a trusted
// source also reports is not one of them.
func TestPublicOrdersUseHalfOfTheBook(t *testing.T) {
	const room = 6
	b := NewBook()
	add := func(id, source uint64, public bool) bool {
		r := Report{Source: event.Key{Hi: source, Lo: id}, Valued: true, public: public}
		ok := b.HasRoom(event.Key{Lo: id}, &r, room)
		if ok {
			b.Add(event.Key{Lo: id}, r)
		}
		return ok
	}
	for id := range uint64(3) {
		require.True(t, add(id, 1, true))
	}
	require.False(t, add(3, 1, true), "three are half")
	require.True(t, add(2, 1, true), "an order that is known needs no room")
	require.True(t, add(0, 2, false))
	require.True(t, add(3, 1, true), "one of the three is a trusted source's now")
	require.True(t, add(4, 2, false))
	require.True(t, add(5, 2, false))
	require.False(t, add(6, 2, false), "the book is full")
	require.Len(t, b.Orders, room)
	require.Equal(t, 3, b.public)
	b.Clear()
	require.True(t, add(7, 1, true))
}
