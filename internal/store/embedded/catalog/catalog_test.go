// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

func openVolume(t testing.TB, dir string) *volume.Volume {
	t.Helper()
	v, err := volume.Open(volume.System{}, dir, 1, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

func open(t testing.TB, v *volume.Volume) *Catalog {
	t.Helper()
	c, err := Open(v, Options{Identity: identity.NewPolicy(nil), OverlayBytes: 1 << 20, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, c.Replayed(c.Manifest().Seq))
	return c
}

// reader records why it was interrupted.
type reader struct {
	catalog *Catalog
	why     error
}

func (r *reader) Interrupt(why error) { r.why = why }
func (r *reader) Discard() error      { return r.why }
func (r *reader) Close() error        { return r.catalog.Release(r) }

func acquire(t *testing.T, c *Catalog) *reader {
	t.Helper()
	r := &reader{catalog: c}
	_, err := c.Acquire(r, store.ScanRequest{})
	require.NoError(t, err)
	return r
}

// replaceParts adds a part to the manifest, and removes the others.
func replaceParts(t *testing.T, v *volume.Volume, c *Catalog) (path string) {
	t.Helper()
	m := c.Change()
	name := filepath.Join("month=2026-01", v.NewName("parquet"))
	path = v.Path(volume.Data, name)
	require.NoError(t, v.MkdirAll(filepath.Dir(path)))
	require.NoError(t, v.Write(path, []byte("abc")))
	m.Files = []part.Meta{{Name: name, Format: parquet.Format, Month: "2026-01", Bytes: 3}}
	require.NoError(t, c.Write(m))
	c.Adopt(m, 0, 0)
	return path
}

// A part that the manifest no longer names exists until those who acquired it release it.
func TestPartIsRemovedAfterItsLastReader(t *testing.T) {
	v := openVolume(t, t.TempDir())
	c := open(t, v)
	old := replaceParts(t, v, c)
	first, second := acquire(t, c), acquire(t, c)
	replaceParts(t, v, c)
	third := acquire(t, c)
	require.NoError(t, c.RemoveUnread())
	require.FileExists(t, old)
	require.NoError(t, first.Close())
	require.FileExists(t, old)
	require.ErrorIs(t, c.EndOlder(store.ErrSnapshotGone), store.ErrSnapshotGone)
	require.ErrorIs(t, second.why, store.ErrSnapshotGone)
	require.NoError(t, third.why)
	require.NoError(t, second.Close())
	require.NoFileExists(t, old)
	gone := errors.New("the end")
	c.EndReaders(gone)
	require.ErrorIs(t, third.why, gone)
	require.NoError(t, first.why)
}

// Opening reads the newest manifest, removes files that it does not name, and refuses truncated or missing parts.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	v := openVolume(t, dir)
	c := open(t, v)
	old := replaceParts(t, v, c)
	path := replaceParts(t, v, c)
	m := c.Change()
	require.NoError(t, c.WritePeople(m))
	require.NoError(t, c.Write(m))
	again := open(t, v)
	require.Equal(t, m, again.Manifest())
	require.NoError(t, again.RemoveStrangers())
	require.NoFileExists(t, old)
	require.FileExists(t, path)
	require.FileExists(t, v.Path(volume.Identity, m.Identity))
	require.NoError(t, os.WriteFile(path, []byte("ab"), 0o600))
	_, err := Open(v, Options{Logger: slog.New(slog.DiscardHandler)})
	require.ErrorContains(t, err, "2 bytes instead of 3")
	require.NoError(t, os.Remove(path))
	_, err = Open(v, Options{Logger: slog.New(slog.DiscardHandler)})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzManifest: a changed manifest is refused.
func FuzzManifest(f *testing.F) {
	v := openVolume(f, f.TempDir())
	c := open(f, v)
	m := c.Change()
	m.Tombstones = []string{"00ff"}
	require.NoError(f, c.Write(m))
	path := v.Path(volume.Root, manifestName)
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(uint16(0), uint16(0), []byte{})
	f.Add(uint16(10), uint16(1), []byte{'9'})
	f.Add(uint16(0), uint16(len(whole)), volume.AddChecksum([]byte("{}")))
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := append(append(append([]byte{}, whole[:from]...), instead...), whole[to:]...)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		got, err := readManifest(v)
		if string(b) == string(whole) {
			require.NoError(t, err)
			require.Equal(t, m, got)
			return
		}
		require.Error(t, err)
	})
}
