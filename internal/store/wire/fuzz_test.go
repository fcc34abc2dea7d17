// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// FuzzDecodeBatch: any bytes are refused as invalid, or are a batch whose encoding reads as the same.
func FuzzDecodeBatch(f *testing.F) {
	for _, n := range []int{0, 1, 30} {
		b := batch(n)
		b.Moves, b.Counters = []store.Move{{Partition: "p", Next: []byte{1, 2}}}, store.Counters{Accepted: 3, Rejected: map[string]store.Rejection{"bad-time": {Count: 1, Example: "x"}}}
		body, err := EncodeBatch(b)
		require.NoError(f, err)
		f.Add(body)
		f.Add(body[:len(body)/2])
		for _, at := range messages(body) {
			spoiled := append([]byte(nil), body...)
			binary.LittleEndian.PutUint32(spoiled[at[0]:], 1<<31-1)
			f.Add(spoiled)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := DecodeBatch(body)
		if err != nil {
			require.ErrorIs(t, err, store.ErrInvalid)
			return
		}
		for i := range b.Events {
			require.NoError(t, b.Events[i].Validate())
		}
		again, err := EncodeBatch(b)
		require.NoError(t, err)
		same, err := DecodeBatch(again)
		require.NoError(t, err)
		require.Equal(t, b, same)
	})
}
