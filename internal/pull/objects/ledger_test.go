// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// bench is a ledger with its cursors, as they would be in a store.
type bench struct {
	*testing.T
	ledger  *ledger
	cursors store.Cursors
}

func newBench(t *testing.T, place string, cursors store.Cursors) *bench {
	t.Helper()
	l, err := newLedger(cursors, place)
	require.NoError(t, err)
	return &bench{T: t, ledger: l, cursors: cursors}
}

// commit stores the moves.
func (b *bench) commit() {
	b.Helper()
	moves, err := b.ledger.moves(true)
	require.NoError(b, err)
	_, err = b.cursors.Check(moves)
	require.NoError(b, err)
	b.cursors = b.cursors.After(moves, 1)
	for _, c := range b.cursors {
		require.LessOrEqual(b, len(c.Position), store.MaxPositionBytes)
	}
}

// look lists objects, and returns those that wait.
func (b *bench) look(objects []object) (waiting []object) {
	b.Helper()
	b.ledger.look()
	var first *object
	for i := range objects {
		if o := &objects[i]; !b.ledger.isDone(o) {
			waiting = append(waiting, *o)
			if first == nil || compare(o, first) < 0 {
				first = o
			}
		}
	}
	b.ledger.shorten(first)
	return waiting
}

func objectAt(n int, seconds int) object {
	return newObject(fmt.Sprintf("%07d.csv", n), "v1", 1, time.Unix(int64(1_700_000_000+seconds), 0))
}

// Any number of files is remembered in a bounded size, across restarts, and each is read once, although they are read in parts of a listing.
func TestALargePlaceIsRememberedInABoundedSize(t *testing.T) {
	const n = 100_000
	var objects []object
	for i := range n {
		objects = append(objects, objectAt(i, i/50)) // 50 files have the same time
	}
	b := newBench(t, "place", nil)
	read := map[uint64]int{}
	for len(read) < n {
		waiting := b.look(objects)
		for i := range waiting[:min(len(waiting), 5000)] {
			o := &waiting[i]
			if !b.ledger.room(o) {
				break
			}
			require.NoError(t, b.ledger.add(o))
			read[o.print]++
		}
		b.commit()
		if rand.IntN(3) == 0 {
			b = newBench(t, "place", b.cursors)
		}
		require.LessOrEqual(t, len(b.cursors), buckets+1)
		require.LessOrEqual(t, b.ledger.count, mostDone+5000)
	}
	for _, times := range read {
		require.Equal(t, 1, times)
	}
	require.Empty(t, b.look(objects))
	objects[n-1] = newObject(objects[n-1].name, "v2", 1, objects[n-1].changed.Add(time.Hour))
	require.Len(t, b.look(objects), 1, "a new version")
}

// With few files, one that appears late with an old time is read.
func TestALateFileOfASmallPlace(t *testing.T) {
	b := newBench(t, "place", nil)
	for i := range 1000 {
		o := objectAt(i, 1000+i)
		require.NoError(t, b.ledger.add(&o))
	}
	b.commit()
	b = newBench(t, "place", b.cursors)
	require.Len(t, b.look([]object{objectAt(5, 1005), objectAt(5000, 1)}), 1)
}

// The horizon stays before a file that waits, such as one that may not be read.
func TestTheHorizonStaysBeforeWhatWaits(t *testing.T) {
	b := newBench(t, "place", nil)
	objects := []object{objectAt(0, 0)}
	for i := 1; i < mostDone+2000; i++ {
		o := objectAt(i, i)
		if b.ledger.add(&o) == nil {
			objects = append(objects, o)
		}
	}
	require.Len(t, b.look(objects), 1)
	require.Zero(t, b.ledger.position.Time)
	require.NoError(t, b.ledger.add(&objects[0]))
	require.Empty(t, b.look(objects))
	require.NotZero(t, b.ledger.position.Time)
	require.Equal(t, keptDone, b.ledger.count)
	require.Empty(t, b.look(objects))
	b.commit()
}

// Another place starts from scratch, and what was stored of the former one is removed.
func TestAnotherPlace(t *testing.T) {
	b := newBench(t, "place", nil)
	o := objectAt(1, 1)
	require.True(t, b.ledger.isNew())
	require.NoError(t, b.ledger.add(&o))
	b.commit()
	require.Len(t, b.cursors, 2)
	b = newBench(t, "elsewhere", b.cursors)
	require.True(t, b.ledger.isNew())
	require.False(t, b.ledger.isDone(&o))
	b.commit()
	require.False(t, b.ledger.isNew())
	require.Len(t, b.cursors, 1)
	_, err := newLedger(store.Cursors{{Partition: positionName, Position: []byte("7")}}, "place")
	require.ErrorContains(t, err, "not one of files")
}
