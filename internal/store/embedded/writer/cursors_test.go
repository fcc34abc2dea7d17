// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package writer

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Appends of several readers are written as one group. Each one is compared with the cursors after the ones before it.
func TestCursorsOfOneGroup(t *testing.T) {
	w := open(t, volume.System{}, t.TempDir(), make(chan struct{}, 1))
	reader := func(source, expected, next string) *pending {
		m := store.Move{Partition: "0", Next: []byte(next)}
		if expected != "" {
			m.Expected = []byte(expected)
		}
		return &pending{batch: store.Batch{Source: source, Moves: []store.Move{m}, Counters: store.Counters{Dropped: 1}}}
	}
	group := []*pending{
		reader("shop", "", "1"), reader("shop", "", "2"), reader("till", "", "9"), reader("shop", "1", "3"), reader("shop", "", "1"), reader("shop", "1", "3"),
	}
	outcomes := w.commitGroup(group)
	moved := []bool{false, true, false, false, true, false}
	for i, o := range outcomes {
		if moved[i] {
			require.ErrorIs(t, o.err, store.ErrCursorMoved, "append %d", i)
		} else {
			require.NoError(t, o.err, "append %d", i)
		}
	}
	require.True(t, outcomes[5].known, "the last append again")
	require.Equal(t, []int64{1, 2, 3, 0}, []int64{outcomes[0].answer.Seq, outcomes[2].answer.Seq, outcomes[3].answer.Seq, outcomes[5].answer.Seq})
	require.Equal(t, "3", string(w.catalog.Cursors("shop").Position("0")))
	require.Equal(t, "9", string(w.catalog.Cursors("till").Position("0")))
	require.EqualValues(t, 3, w.catalog.Seq())
	for _, s := range w.catalog.Sources() {
		require.Equal(t, map[string]int64{"shop": 2, "till": 1}[s.State.Name], s.State.Counters.Dropped, s.State.Name)
	}
}
