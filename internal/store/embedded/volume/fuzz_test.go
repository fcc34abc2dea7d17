// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package volume_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// FuzzEpoch writes anything into the file of the epoch. The next writer gets the next number, or an error that names the file, which is unchanged.
func FuzzEpoch(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "EPOCH")
	for _, text := range []string{"", "1\n", "07", "-1", "1 2", "18446744073709551614", "18446744073709551615", "99999999999999999999"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		next, err := volume.NextEpoch(volume.System{}, dir)
		after, readErr := os.ReadFile(path)
		require.NoError(t, readErr)
		if err != nil {
			require.ErrorContains(t, err, path)
			require.Equal(t, content, after)
			return
		}
		require.NotZero(t, next)
		text := strings.TrimLeft(strings.TrimSpace(string(content)), "0")
		if text == "" {
			text = "0"
		}
		require.Equal(t, text, strconv.FormatUint(next-1, 10))
		require.Equal(t, strconv.FormatUint(next, 10)+"\n", string(after))
	})
}

// FuzzID writes anything into the file of the id. The volume has that id, or does not open: it never gets a new one. The file is unchanged.
func FuzzID(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "ID")
	for _, text := range []string{"", "f1f2f3f4f5f6f7f8\n", "f1f2f3f4f5f6f7f", "f1f2f3f4f5f6f7g8", "\x00\x00"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		v, err := open(volume.System{}, dir)
		if err != nil {
			require.ErrorContains(t, err, path)
		} else {
			require.Len(t, v.ID(), 16)
			require.Equal(t, strings.TrimSpace(string(content)), v.ID())
			require.NoError(t, v.Close())
		}
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, after)
	})
}
