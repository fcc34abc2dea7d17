// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// spilled returns a file of sorted rows, its content and the rows.
func spilled(t testing.TB, p *Pool) (*Sorter, *file, []byte, []row) {
	t.Helper()
	s, err := p.Sorter(t.Context(), testLayout)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	given, err := add(s, randomRows(rand.New(rand.NewPCG(3, 4)), 40, 10, 20), 40)
	require.NoError(t, err)
	require.NoError(t, s.write(s.filling))
	content, err := os.ReadFile(s.files[0].path)
	require.NoError(t, err)
	return s, s.files[0], content, inOrder(given)
}

// readBack returns the rows of a file with the given content.
func readBack(t testing.TB, s *Sorter, f file, content []byte) ([]row, error) {
	t.Helper()
	f.path, f.bytes = s.pool.volume.Path(volume.Temp, "damaged"), int64(len(content))
	require.NoError(t, os.WriteFile(f.path, content, 0o640))
	sources, err := s.openAll([]*file{&f})
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(t, closeAll(sources)) }()
	m, err := newMerger(s.layout, sources)
	if err != nil {
		return nil, err
	}
	return drain(t, &Sorter{merger: m}, 100)
}

// Any changed byte or truncation gives an error, or the same rows.
func TestDamagedFile(t *testing.T) {
	s, f, content, want := spilled(t, testPool(t, volume.System{}, t.TempDir(), 64<<20, 1<<30))
	got, err := readBack(t, s, *f, content)
	require.NoError(t, err)
	require.Equal(t, want, got)
	for i := range content {
		damaged := bytes.Clone(content)
		damaged[i] ^= byte(1 << (i % 8))
		if got, err = readBack(t, s, *f, damaged); err == nil {
			require.Equal(t, want, got, "byte %d", i)
		}
		if i%8 > 0 {
			continue
		}
		if got, err = readBack(t, s, *f, content[:i]); err == nil {
			require.Equal(t, want, got, "cut at %d", i)
		}
	}
	_, err = readBack(t, s, *f, content[:len(content)/2])
	require.ErrorIs(t, err, errDamaged)
	other := *f
	other.rows--
	_, err = readBack(t, s, other, content)
	require.ErrorIs(t, err, errDamaged, "it has a row too many")
}

// FuzzSpilledFile: any bytes give an error, or the rows that were written.
func FuzzSpilledFile(f *testing.F) {
	s, written, content, want := spilled(f, testPool(f, volume.System{}, f.TempDir(), 64<<20, 1<<30))
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		if got, err := readBack(t, s, *written, content); err == nil {
			require.Equal(t, want, got)
		}
	})
}
