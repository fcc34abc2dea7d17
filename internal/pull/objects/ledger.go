// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// buckets is the number of cursors with prints, which are divided by their first byte.
	buckets = 256
	// mostInBucket is the number of prints that a cursor has room for, and crowded that from which the ledger is shortened.
	mostInBucket = store.MaxPositionBytes / 8
	crowded      = mostInBucket - 8
	// mostDone is the number of prints from which the ledger is shortened to those of the latest keptDone files.
	mostDone, keptDone = 20_000, 10_000
)

// positionName is the cursor with the position.
const positionName = "position"

// ledger is what the store knows of the files that were read, in a size that does not grow with their number. All files that were changed up to a horizon
// are done, and so are those whose print is in the ledger. With fewer than mostDone files there is no horizon: a file that appears late, with an old time,
// is read as well.
type ledger struct {
	position position
	done     [buckets][]uint64
	count    int
	// seen[b][i] is when the object of done[b][i] was changed, by the listing in progress; 0 if it was not seen.
	seen [buckets][]int64
	// stored has the positions of cursors, from which the next moves continue.
	stored map[string][]byte
}

// position is a position in the place.
type position struct {
	// Place identifies the place: in another one, all files are read again.
	Place string `json:"place"`
	// Time and Print of the last file up to the horizon, in microseconds; 0 if there is none. Equal times are in the order of prints.
	Time  int64  `json:"time,omitempty"`
	Print uint64 `json:"print,string,omitempty"`
	// File is the print of the file of which the first Records records are stored; 0 if there is none.
	File    uint64 `json:"file,string,omitempty"`
	Records int64  `json:"records,omitempty"`
	// Batch is the number of the batch, so that each one moves the cursor.
	Batch int64 `json:"batch"`
}

// newLedger reads the ledger of a place. What the store has of another place is removed with the next moves.
func newLedger(cursors store.Cursors, place string) (*ledger, error) {
	l := &ledger{stored: map[string][]byte{}}
	want := strconv.FormatUint(xxh3.HashString(place), 16)
	if raw := cursors.Position(positionName); raw != nil {
		l.stored[positionName] = raw
		if err := json.Unmarshal(raw, &l.position); err != nil {
			return nil, &pull.Error{Reason: pull.Misconfigured, Message: "the position of the source in the store is not one of files", Cause: err}
		}
	}
	same := l.position.Place == want
	for b := range l.done {
		raw := cursors.Position(bucketName(b))
		if raw == nil {
			continue
		}
		l.stored[bucketName(b)] = raw
		if len(raw)%8 != 0 {
			return nil, &pull.Error{Reason: pull.Misconfigured, Message: "a position of the source in the store is damaged"}
		}
		for ; same && len(raw) > 0; raw = raw[8:] {
			l.done[b] = append(l.done[b], binary.BigEndian.Uint64(raw))
			l.count++
		}
	}
	if !same {
		l.position = position{Place: want}
	}
	return l, nil
}

func bucketName(b int) string { return fmt.Sprintf("done/%02x", b) }

func bucketOf(p uint64) int { return int(p >> 56) }

// isDone reports whether an object was read, and notes when it was changed.
func (l *ledger) isDone(o *object) bool {
	b := bucketOf(o.print)
	if i, found := slices.BinarySearch(l.done[b], o.print); found {
		if l.seen[b] != nil {
			l.seen[b][i] = max(o.changed.UnixMicro(), 1)
		}
		return true
	}
	return l.position.Time != 0 && !l.position.before(o.changed.UnixMicro(), o.print)
}

// before reports whether the horizon is before an object.
func (p *position) before(changed int64, other uint64) bool {
	return p.Time < changed || p.Time == changed && p.Print < other
}

// room reports whether there is room for another print without shortening the ledger.
func (l *ledger) room(o *object) bool { return len(l.done[bucketOf(o.print)]) < crowded }

// add notes that an object is done.
func (l *ledger) add(o *object) error {
	b := bucketOf(o.print)
	i, found := slices.BinarySearch(l.done[b], o.print)
	if found {
		return nil
	}
	if len(l.done[b]) >= mostInBucket {
		return &pull.Error{
			Reason: pull.Misconfigured, Message: fmt.Sprintf("the place has more than %d files, and they appear in another order than that of their times: "+
				"move files away that were read, or divide the place between sources", mostDone),
		}
	}
	l.done[b] = slices.Insert(l.done[b], i, o.print)
	l.seen[b] = nil
	l.count++
	return nil
}

// look begins a listing.
func (l *ledger) look() {
	for b := range l.done {
		l.seen[b] = make([]int64, len(l.done[b]))
	}
}

// shorten makes the ledger smaller after a complete listing if it is too large. Prints of files that are gone are removed; then those of all files but the
// latest, which the horizon replaces. It stays before the files that wait, of which next is the first; nil if there are none.
func (l *ledger) shorten(next *object) {
	full := slices.ContainsFunc(l.done[:], func(b []uint64) bool { return len(b) >= crowded })
	if l.count <= mostDone && !full {
		return
	}
	type entry struct {
		changed int64
		print   uint64
	}
	var present []entry
	for b := range l.done {
		for i, print := range l.done[b] {
			if changed := l.seen[b][i]; changed != 0 {
				present = append(present, entry{changed, print})
			}
		}
	}
	slices.SortFunc(present, func(a, b entry) int {
		if horizon := (position{Time: a.changed, Print: a.print}); horizon.before(b.changed, b.print) {
			return -1
		}
		return 1
	})
	for len(present) > keptDone {
		first := position{Time: present[0].changed, Print: present[0].print}
		if next != nil && !first.before(next.changed.UnixMicro(), next.print) {
			break
		}
		if l.position.before(first.Time, first.Print) {
			l.position.Time, l.position.Print = first.Time, first.Print
		}
		present = present[1:]
	}
	l.done, l.count = [buckets][]uint64{}, len(present)
	for _, e := range present {
		l.done[bucketOf(e.print)] = append(l.done[bucketOf(e.print)], e.print)
	}
	for b := range l.done {
		slices.Sort(l.done[b])
		l.seen[b] = nil
	}
}

// moves returns the moves from what is stored to the ledger, the position first; none if nothing has changed, unless some is set. They are stored with
// the next commit, or the reader ends.
func (l *ledger) moves(some bool) ([]store.Move, error) {
	same, err := json.Marshal(l.position)
	if err != nil {
		return nil, err
	}
	var done []store.Move
	for b := range l.done {
		var next []byte
		for _, print := range l.done[b] {
			next = binary.BigEndian.AppendUint64(next, print)
		}
		done = l.move(done, bucketName(b), next)
	}
	if !some && len(done) == 0 && bytes.Equal(same, l.stored[positionName]) {
		return nil, nil
	}
	l.position.Batch++
	next, err := json.Marshal(l.position)
	if err != nil {
		return nil, err
	}
	return append(l.move(nil, positionName, next), done...), nil
}

func (l *ledger) move(out []store.Move, name string, next []byte) []store.Move {
	expected := l.stored[name]
	if bytes.Equal(expected, next) {
		return out
	}
	l.stored[name] = next
	return append(out, store.Move{Partition: name, Expected: expected, Next: next})
}

// isNew reports whether the store knows nothing of the place.
func (l *ledger) isNew() bool {
	var p position
	return json.Unmarshal(l.stored[positionName], &p) != nil || p.Place != l.position.Place
}

// microseconds is the precision of times in the ledger.
func microseconds(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
