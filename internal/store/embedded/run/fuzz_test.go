// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTexts damages packed texts. Runs are only in memory, so they have no checksum. Damage gives an error or the same number of other texts, and
// never a panic. Packed numbers have no structure that can be damaged: their length follows from their count.
func FuzzTexts(f *testing.F) {
	for _, values := range [][]string{{"one", "two", ""}, {"", ""}, {"the same", "the same", "the same", "the same", "the same"}} {
		p := &packer{}
		for _, asIs := range []bool{false, true} {
			packed := p.pack(values, asIs)
			f.Add(bytes.Clone(packed.packed), packed.size, packed.n, asIs)
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte, size int, n int32, asIs bool) {
		if size < 0 || size > 1<<16 || n < 0 || n > 1<<16 {
			return
		}
		p := &packer{}
		got, err := p.unpack([]string{"before"}, &texts{packed: packed, asIs: asIs, size: size, n: n})
		require.Equal(t, "before", got[0])
		if err != nil {
			return
		}
		require.Len(t, got, int(n)+1)
		again := p.pack(got[1:], asIs)
		back, err := p.unpack(nil, &again)
		require.NoError(t, err)
		require.Equal(t, got[1:], append([]string{}, back...))
	})
}
