// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package run

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTexts damages packed texts. Runs are in memory alone, and nothing is read back from a disk, so they have no checksum: damage is an error or
// gives other texts, of the same number, and never a panic. Packed numbers have no form that could be damaged: they are as long as their count says.
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
