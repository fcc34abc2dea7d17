// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ErrCursorMoved says that another reader has moved a cursor: nothing of the batch was stored. The reader has to read the cursors again and
// continue from there.
var ErrCursorMoved = errors.New("cursor moved by another reader")

const (
	// MaxPartitions is the number of cursors that a source can have. With MaxPositionBytes it limits what a source takes of the manifest, which each
	// flush writes.
	MaxPartitions = 1024
	// MaxPositionBytes is the size of a position.
	MaxPositionBytes = 1024
	// PartitionIdleAfter is how long after the last move of its cursor a partition no longer holds the watermark back.
	PartitionIdleAfter = 5 * time.Minute
)

// Cursor says how far one partition of a pull source was read: a partition of a topic, a file, a table.
type Cursor struct {
	// Partition is its name; empty for a source that has one partition.
	Partition string `json:"partition"`
	// Position after the last event that was read. Only the reader can interpret it.
	Position []byte `json:"position"`
	// Newest is the time of the newest event of the partition, in microseconds; 0 if there was none. Events of the future do not count.
	Newest int64 `json:"newest,omitempty"`
	// MovedAt is the time of the last move by the store's clock, in microseconds.
	MovedAt int64 `json:"movedAt"`
}

// Move moves the cursor of a partition in the same commit as the events of the batch.
type Move struct {
	// Partition of the source.
	Partition string `json:"partition"`
	// Expected is the position from which the reader continued; nil for a partition without a cursor. If the stored position is another one, nothing
	// of the batch is stored: a reader that was replaced cannot set the cursor back.
	Expected []byte `json:"expected"`
	// Next is the position after the batch; nil removes the cursor of a partition that is gone.
	Next []byte `json:"next"`
	// Newest is the time of the newest event of the partition in the batch, in microseconds; 0 if there is none. Events of the future do not count.
	Newest int64 `json:"newest,omitempty"`
}

// Cursors of a source, in the order of partitions.
type Cursors []Cursor

// Position returns that of a partition, nil if it has no cursor.
func (c Cursors) Position(partition string) []byte {
	if i, ok := c.find(partition); ok {
		return c[i].Position
	}
	return nil
}

func (c Cursors) find(partition string) (int, bool) {
	return slices.BinarySearchFunc(c, partition, func(c Cursor, p string) int { return cmp.Compare(c.Partition, p) })
}

// Check decides whether a batch with these moves can be stored. Known says that it was stored before, by an append whose answer was lost: all
// cursors are where the batch moves them. The error wraps ErrCursorMoved, or ErrInvalid when the source has too many partitions.
func (c Cursors) Check(moves []Move) (known bool, err error) {
	known, added := len(moves) > 0, 0
	var moved error
	for _, m := range moves {
		stored := c.Position(m.Partition)
		if !samePosition(stored, m.Next) || samePosition(m.Expected, m.Next) {
			known = false
		}
		if !samePosition(stored, m.Expected) && moved == nil {
			moved = fmt.Errorf("%w: partition %q: read the cursors of the source again, and continue from there", ErrCursorMoved, m.Partition)
		}
		if stored == nil && m.Next != nil {
			added++
		}
	}
	switch {
	case known:
		return true, nil
	case moved != nil:
		return false, moved
	case len(c)+added > MaxPartitions:
		return false, fmt.Errorf("%w: the source has more than %d partitions", ErrInvalid, MaxPartitions)
	}
	return false, nil
}

// samePosition compares two positions; no position differs from an empty one.
func samePosition(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// After returns the cursors after the moves of a commit at a time in microseconds. The receiver does not change.
func (c Cursors) After(moves []Move, at int64) Cursors {
	if len(moves) == 0 {
		return c
	}
	out := slices.Clone(c)
	for _, m := range moves {
		i, ok := out.find(m.Partition)
		switch {
		case m.Next == nil && ok:
			out = slices.Delete(out, i, i+1)
		case m.Next == nil:
		case ok:
			out[i] = Cursor{Partition: m.Partition, Position: slices.Clone(m.Next), Newest: newer(out[i].Newest, m.Newest), MovedAt: at}
		default:
			out = slices.Insert(out, i, Cursor{Partition: m.Partition, Position: slices.Clone(m.Next), Newest: m.Newest, MovedAt: at})
		}
	}
	return out
}

// newer returns the later of two times, of which 0 is none: events may be older than 1970.
func newer(a, b int64) int64 {
	if a == 0 || b == 0 {
		return a + b
	}
	return max(a, b)
}

// Watermark returns the time up to which the events of all active partitions have been read, in microseconds: the earliest of their newest events.
// Partitions that have been idle since PartitionIdleAfter before now do not count; if all are idle, it is the time of the newest event. It is 0 if
// no partition had an event.
func (c Cursors) Watermark(now time.Time) int64 {
	active, newest := int64(0), int64(0)
	since := now.Add(-PartitionIdleAfter).UnixMicro()
	for i := range c {
		if c[i].Newest == 0 {
			continue
		}
		newest = newer(newest, c[i].Newest)
		if c[i].MovedAt > since && (active == 0 || c[i].Newest < active) {
			active = c[i].Newest
		}
	}
	if active == 0 {
		return newest
	}
	return active
}

// checkMoves says what is wrong with the moves of a batch; the error wraps ErrInvalid.
func checkMoves(moves []Move) error {
	if len(moves) > MaxPartitions {
		return fmt.Errorf("%w: the batch moves %d cursors, more than %d", ErrInvalid, len(moves), MaxPartitions)
	}
	seen := make(map[string]bool, len(moves))
	for _, m := range moves {
		switch {
		case len(m.Partition) > event.MaxTextBytes:
			return fmt.Errorf("%w: the name of a partition has %d bytes, more than %d", ErrInvalid, len(m.Partition), event.MaxTextBytes)
		case len(m.Expected) > MaxPositionBytes || len(m.Next) > MaxPositionBytes:
			return fmt.Errorf("%w: a position of partition %q has more than %d bytes", ErrInvalid, m.Partition, MaxPositionBytes)
		case m.Newest < event.MinTime || m.Newest > event.MaxTime:
			return fmt.Errorf("%w: the time of the newest event of partition %q is %d, outside of the years 1 to 9999", ErrInvalid, m.Partition, m.Newest)
		case seen[m.Partition]:
			return fmt.Errorf("%w: the batch moves the cursor of partition %q twice", ErrInvalid, m.Partition)
		}
		seen[m.Partition] = true
	}
	return nil
}
