// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package snapshot

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

func viewOf(persons map[event.Anchor]event.Anchor) *identity.View {
	return identity.NewView(0, nil, nil).At(7, persons)
}

func TestViewsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor := rapid.Custom(func(t *rapid.T) event.Anchor { return event.Anchor(rapid.Uint64().Draw(t, "anchor")) })
		persons := rapid.MapOf(anchor, anchor).Draw(t, "persons")
		v := viewOf(persons)
		b := EncodeView(v)
		require.EqualValues(t, ViewBytes(v), len(b))
		got, err := DecodeView(b, -3)
		require.NoError(t, err)
		require.EqualValues(t, -3, got.Version())
		for _, a := range slices.Collect(maps.Keys(persons)) {
			require.Equal(t, uint64(persons[a]), got.PersonOf(a))
		}
		require.Equal(t, b, EncodeView(got))
	})
}

func TestDamagedViewsAreRefused(t *testing.T) {
	whole := EncodeView(viewOf(map[event.Anchor]event.Anchor{3: 1, 5: 2, 1 << 63: 2}))
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		_, err := DecodeView(damaged, 1)
		require.ErrorIs(t, err, ErrCorrupt)
		_, err = DecodeView(whole[:i], 1)
		require.ErrorIs(t, err, ErrCorrupt)
	}
	for name, b := range map[string][]byte{
		"another format":  append([]byte("JMVIEWS\x02"), whole[len(viewMagic):len(whole)-sumBytes]...),
		"descending":      words(2, 5, 3, 1, 1),
		"twice":           words(2, 3, 3, 1, 2),
		"its own person":  words(1, 3, 3),
		"fewer persons":   words(2, 3, 5, 1),
		"more than given": words(1<<60, 3, 1),
	} {
		_, err := DecodeView(signed(b), 1)
		if name == "another format" {
			require.Equal(t, &FormatError{Found: 2, Supported: ViewFormat}, err)
			continue
		}
		require.ErrorIs(t, err, ErrCorrupt, name)
	}
}

// words returns a file without its checksum.
func words(list ...uint64) []byte {
	b := []byte(viewMagic)
	for _, w := range list {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

func signed(b []byte) []byte { return binary.LittleEndian.AppendUint64(bytes.Clone(b), xxh3.Hash(b)) }

// FuzzDecodeView: bytes with a valid checksum are corrupt, or a view that is encoded as the same bytes.
func FuzzDecodeView(f *testing.F) {
	f.Add(words(2, 3, 5, 1, 2))
	f.Add(words(0))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = signed(b)
		v, err := DecodeView(b, 4)
		if err != nil {
			return
		}
		require.Equal(t, b, EncodeView(v))
	})
}
