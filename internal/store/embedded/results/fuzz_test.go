// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// FuzzResult changes some bytes of the file of a result, with and without a checksum that fits. A changed result is set aside, the other one stays. A
// file that is valid as it is has the result of its owner and run.
func FuzzResult(f *testing.F) {
	r := open(f, volume.System{}, f.TempDir())
	written := store.Result{Owner: "o", Run: "7", At: 9, Body: []byte(`{"stages":[1,2]}`)}
	require.NoError(f, r.Put(written))
	path := r.path("o", "7")
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(uint16(0), uint16(0), []byte{}, false)
	f.Add(uint16(10), uint16(1), []byte{'9'}, false)
	f.Add(uint16(10), uint16(1), []byte{'9'}, true)
	f.Add(uint16(0), uint16(len(whole)), whole[:len(whole)/2], false)
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte, summed bool) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := bytes.Join([][]byte{whole[:from], instead, whole[to:]}, nil)
		if summed {
			b, _, _ = bytes.Cut(b, []byte("\n"))
			b = volume.AddChecksum(b)
		}
		// All runs of the target share the folder, so this one ends with the files that it began with.
		defer func() { require.NoError(t, r.Put(written)) }()
		other := store.Result{Owner: "o", Run: "8", At: 8, Body: []byte("8")}
		require.NoError(t, r.Put(other))
		require.NoError(t, os.WriteFile(path, b, 0o600))
		again, err := Open(r.volume, r.log)
		if err != nil {
			var format *volume.FormatError
			require.ErrorAs(t, err, &format)
			require.True(t, summed, "a file whose checksum differs says nothing about its format")
			return
		}
		list, err := again.List("o", 0)
		require.NoError(t, err)
		require.EqualValues(t, 2-again.Corrupt(), len(list))
		for _, found := range list {
			if found.Run == other.Run {
				require.Equal(t, other, found)
			} else if !summed {
				require.Equal(t, written, found)
			}
		}
		require.True(t, slices.ContainsFunc(list, func(r store.Result) bool { return r.Run == other.Run }))
	})
}
