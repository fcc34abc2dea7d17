// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"bytes"
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// FuzzFile changes some bytes of a key file, and its stated number of keys. A file that differs from the one that was written is refused, and uses no
// memory for the stated number.
func FuzzFile(f *testing.F) {
	v, err := volume.Open(volume.System{}, f.TempDir(), 1, slog.New(slog.DiscardHandler))
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, v.Close()) })
	var keys []event.Key
	for i := range keysPerBlock + 9 {
		keys = append(keys, key(i))
	}
	whole := encodeKeys(slices.Clone(keys))
	name := v.Path(volume.Keys, "a.keys")
	f.Add(uint16(0), uint16(0), []byte{}, int64(len(keys)))
	f.Add(uint16(9), uint16(1), []byte{7}, int64(len(keys)))
	f.Add(uint16(0), uint16(len(whole)), []byte(keyMagic), int64(1)<<59)
	f.Add(uint16(0), uint16(0), []byte{}, int64(-1))
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte, count int64) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := append(append(append([]byte{}, whole[:from]...), instead...), whole[to:]...)
		require.NoError(t, os.WriteFile(name, b, 0o600))
		m := Meta{Name: "a.keys", Keys: count}
		same := bytes.Equal(b, whole) && count == int64(len(keys))
		x, err := openFile(v, m)
		_, readErr := readKeys(v, m)
		if !same {
			require.ErrorIs(t, err, errKeys)
			require.Error(t, readErr)
			return
		}
		require.NoError(t, err)
		require.NoError(t, readErr)
		for _, k := range keys {
			found, err := x.has(k)
			require.NoError(t, err)
			require.True(t, found)
		}
		require.NoError(t, x.close())
	})
}
