// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package results

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// FuzzResult changes some bytes of the file of a result. A store with such a file does not open, or returns the result in the file. Files of results
// have no checksum: they are JSON for people, too, and no number is computed from them.
func FuzzResult(f *testing.F) {
	r := open(f, volume.System{}, f.TempDir())
	require.NoError(f, r.Put(store.Result{Owner: "o", Run: "7", At: 9, Body: []byte(`{"stages":[1,2]}`)}))
	path := r.path("o", "7")
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(uint16(0), uint16(0), []byte{})
	f.Add(uint16(10), uint16(1), []byte{'9'})
	f.Add(uint16(0), uint16(len(whole)), whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := append(append(append([]byte{}, whole[:from]...), instead...), whole[to:]...)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		again, err := Open(r.volume)
		if err != nil {
			require.NotEqual(t, whole, b)
			require.ErrorContains(t, err, filepath.Base(path))
			return
		}
		var d document
		require.NoError(t, json.Unmarshal(b, &d))
		list, err := again.List(d.Owner, 0)
		require.NoError(t, err)
		require.Equal(t, []store.Result{d.Result}, list)
		if bytes.Equal(whole, b) {
			require.EqualValues(t, 9, list[0].At)
		}
	})
}
