// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package reload

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestValueIsReloaded(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	put := func(path, text string) {
		t.Helper()
		next := path + ".new"
		require.NoError(t, os.WriteFile(next, []byte(text), 0o600))
		require.NoError(t, os.Rename(next, path))
	}
	reads := 0
	v := New(func(c ...[]byte) (string, error) {
		reads++
		if string(c[1]) == "bad" {
			return "", errors.New("not usable")
		}
		return string(c[0]) + "+" + string(c[1]), nil
	}, a, b)
	now := time.Now()
	v.now = func() time.Time { return now }
	get := func() string {
		t.Helper()
		now = now.Add(every)
		s, err := v.Get()
		require.NoError(t, err)
		return s
	}

	_, err := v.Get()
	require.ErrorIs(t, err, os.ErrNotExist)
	put(a, "1")
	put(b, "2")
	require.Equal(t, "1+2", get())
	require.Equal(t, "1+2", get())
	require.Equal(t, 1, reads, "unchanged files are not read again")
	put(b, "3")
	s, err := v.Get()
	require.NoError(t, err)
	require.Equal(t, "1+2", s, "not looked at within a second")
	require.Equal(t, "1+3", get())
	put(b, "bad")
	require.Equal(t, "1+3", get(), "the last good value stays")
	require.ErrorContains(t, v.Err(), "not usable")
	require.NoError(t, os.Remove(a))
	require.Equal(t, "1+3", get())
	require.ErrorIs(t, v.Err(), os.ErrNotExist)
	put(a, "4")
	put(b, "5")
	require.Equal(t, "4+5", get())
	require.NoError(t, v.Err())
}
