// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/snapshot"
)

// FuzzRestore: damaged bytes return snapshot.ErrCorrupt. Invalid bytes with a valid checksum return it, too, or a consistent table whose snapshot
// reads as the same.
func FuzzRestore(f *testing.F) {
	t := New(identity.NewPolicy(nil))
	device := func(n uint64) identity.Node { return identity.Node{Anchor: event.Anchor(n), Type: "deviceId"} }
	customer := identity.Node{Anchor: 9, Type: "customerId"}
	t.Add(1, identity.Source{Name: "shop"}, []identity.Edge{
		{Strong: customer, Weak: device(1), Time: 5, Key: event.Key{Hi: 1, Lo: 2}}, {Strong: customer, Weak: device(2), Time: 6},
	})
	t.Add(2, identity.Source{Name: "web", Public: true}, []identity.Edge{{Strong: identity.Node{Anchor: 8, Type: "customerId"}, Weak: device(2), Time: 7}})
	var whole bytes.Buffer
	require.NoError(f, t.Snapshot(&whole))
	f.Add(whole.Bytes(), false)
	// without the checksum of 8 bytes
	f.Add(whole.Bytes()[:whole.Len()-8], true)
	f.Fuzz(func(t *testing.T, b []byte, sign bool) {
		if sign {
			b = binary.LittleEndian.AppendUint64(bytes.Clone(b), xxh3.Hash(b))
		}
		table, err := Restore(bytes.NewReader(b))
		if err != nil {
			// The checksum of a signed snapshot is right, so its format can be another one.
			if other := (*snapshot.FormatError)(nil); !sign || !errors.As(err, &other) {
				require.ErrorIs(t, err, snapshot.ErrCorrupt)
			}
			return
		}
		if !sign {
			require.Equal(t, whole.Bytes(), b, "damage that is not noticed")
		}
		var first, second bytes.Buffer
		require.NoError(t, table.Snapshot(&first))
		again, err := Restore(bytes.NewReader(first.Bytes()))
		require.NoError(t, err)
		require.NoError(t, again.Snapshot(&second))
		require.Equal(t, first.Bytes(), second.Bytes())
		require.Equal(t, table.Stats(), again.Stats())
	})
}
