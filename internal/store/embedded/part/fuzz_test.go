// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// FuzzPart changes some bytes of a sorted file. Pages have no checksum, so a Parquet reader could return wrong rows. Before a part is read, the
// checksum of the whole file is compared, which refuses every file that differs from the one that was written.
func FuzzPart(f *testing.F) {
	people := persons.New(identity.NewPolicy(nil))
	written := newPart(f, people, NewOverlays(0), 3, 2)
	want := read(f, written, people)
	whole, err := os.ReadFile(written.Path())
	require.NoError(f, err)
	f.Add(uint16(0), uint16(0), []byte{})
	f.Add(uint16(len(whole)/2), uint16(1), []byte{7})
	f.Add(uint16(len(whole)-8), uint16(8), []byte("PAR1PAR1"))
	f.Add(uint16(0), uint16(len(whole)), whole[:len(whole)/2])
	f.Add(uint16(len(whole)), uint16(0), []byte("more"))
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := append(append(append([]byte{}, whole[:from]...), instead...), whole[to:]...)
		require.NoError(t, os.WriteFile(written.Path(), b, 0o600))
		p := New(written.volume, written.Meta, people, NewOverlays(0))
		if !bytes.Equal(b, whole) {
			require.ErrorIs(t, p.Verify(), store.ErrUnavailable)
			require.False(t, p.Intact())
			return
		}
		require.NoError(t, p.Verify())
		require.Equal(t, want, read(t, p, people))
	})
}
