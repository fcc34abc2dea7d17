// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package dedup

import (
	"log/slog"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Looks up keys in files of all lengths around that of a block, and damages each of them.
func TestLookupsInKeyFiles(t *testing.T) {
	v, err := volume.Open(volume.System{}, t.TempDir(), 1, slog.Default())
	require.NoError(t, err)
	defer func() { require.NoError(t, v.Close()) }()
	for _, n := range []int{1, keysPerBlock - 1, keysPerBlock, keysPerBlock + 1, 3 * keysPerBlock} {
		var keys []event.Key
		for i := range n {
			keys = append(keys, event.Key{Hi: uint64(i/3) << 40, Lo: uint64(i)})
		}
		content := encodeKeys(keys)
		m := Meta{Name: "a.keys", Keys: int64(n)}
		name := v.Path(volume.Keys, m.Name)
		open := func(b []byte) (*file, error) {
			require.NoError(t, os.WriteFile(name, b, 0o600))
			return openFile(v, m)
		}
		f, err := open(content)
		require.NoError(t, err)
		for _, k := range keys {
			found, err := f.has(k)
			require.NoError(t, err)
			require.True(t, found)
			k.Lo += 1 << 30
			found, err = f.has(k)
			require.NoError(t, err)
			require.False(t, found)
		}
		require.NoError(t, f.close())
		for at := 0; at < len(content); at += 1 + len(content)/40 {
			damaged := append([]byte{}, content...)
			damaged[at] ^= 4
			_, err := open(damaged)
			require.ErrorIs(t, err, errKeys, "byte %d of %d", at, len(content))
		}
		for _, wrong := range [][]byte{nil, content[:len(content)-1], content[:len(content)-keyBytes], append(append([]byte{}, content...), 0)} {
			_, err := open(wrong)
			require.ErrorIs(t, err, errKeys)
		}
	}
	_, err = openFile(v, Meta{Name: "none.keys"})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestKeyFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) event.Key {
			return event.Key{Hi: rapid.Uint64Range(0, 5).Draw(t, "hi") << 61, Lo: rapid.Uint64().Draw(t, "lo")}
		}), 1, 1500, func(k event.Key) event.Key { return k }).Draw(t, "keys")
		here := keys[:len(keys)/2+1]
		there := keys[len(here):]
		x := newFile(t, here)
		for _, k := range here {
			has, err := x.has(k)
			require.NoError(t, err)
			require.True(t, has)
		}
		for _, k := range there {
			has, err := x.has(k)
			require.NoError(t, err)
			require.False(t, has)
		}
		require.NoError(t, x.close())
	})
}

func newFile(t *rapid.T, keys []event.Key) *file {
	dir, err := os.MkdirTemp("", "keys")
	require.NoError(t, err)
	defer func() { require.NoError(t, os.RemoveAll(dir)) }()
	m := Meta{Name: "k", Keys: int64(len(keys))}
	v, err := volume.Open(volume.System{}, dir, 1, slog.Default())
	require.NoError(t, err)
	require.NoError(t, v.Write(v.Path(volume.Keys, m.Name), encodeKeys(slices.Clone(keys))))
	f, err := openFile(v, m)
	require.NoError(t, err)
	require.NoError(t, v.Close())
	return f
}
