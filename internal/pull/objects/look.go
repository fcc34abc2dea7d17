// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"container/heap"
	"context"
	"slices"
	"time"
)

// mostQueued is the number of files that are remembered of a listing: those that were changed first.
const mostQueued = 20_000

// waiting is a heap of the files that wait, with the last one on top.
type waiting []object

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return compare(&w[i], &w[j]) > 0 }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }

// Push adds an object.
func (w *waiting) Push(x any) { *w = append(*w, x.(object)) }

// Pop removes the last element of the slice.
func (w *waiting) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// compare orders objects by their times.
func compare(a, b *object) int {
	at := position{Time: a.changed.UnixMicro(), Print: a.print}
	switch {
	case a.print == b.print && a.changed.Equal(b.changed):
		return 0
	case at.before(b.changed.UnixMicro(), b.print):
		return -1
	}
	return 1
}

// listing is the result of a listing.
type listing struct {
	queue waiting
	// count and bytes of all files that wait, also of those that are too young.
	count, bytes int64
	// resumed is the file of which a part is stored; nil if it is not there any more.
	resumed *object
	// ripe is when the first file that is too young can be read; zero if there is none.
	ripe time.Time
	// first is the file that was changed first of all that wait, read the number of those that can be read now.
	first *object
	read  int
	now   time.Time
}

// look lists the place, and queues the files that wait.
func (r *reader) look(ctx context.Context) error {
	l := listing{now: r.Now()}
	r.ledger.look()
	r.moved = false
	err := r.place.list(ctx, func(o object) error {
		o.changed = microseconds(o.changed)
		if r.wanted(&o) && !r.ledger.isDone(&o) {
			r.consider(&l, o)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	slices.SortFunc(l.queue, func(a, b object) int { return compare(&a, &b) })
	r.queue, r.further = l.queue, l.read > len(l.queue)
	if r.ledger.position.File != 0 && l.resumed == nil {
		r.ledger.position.File, r.ledger.position.Records = 0, 0 // It is gone, or another version of it waits.
	}
	if l.resumed != nil {
		r.queue = append([]object{*l.resumed}, r.queue...)
	}
	r.ledger.shorten(l.first)
	r.lookAt = l.now.Add(r.interval)
	if !l.ripe.IsZero() && l.ripe.Before(r.lookAt) {
		r.lookAt = l.ripe
	}
	r.looked(&l)
	return nil
}

// consider adds a file that was not read to the listing.
func (r *reader) consider(l *listing, o object) {
	l.count++
	l.bytes += o.size
	if l.first == nil || compare(&o, l.first) < 0 {
		l.first = &o
	}
	if ripe := o.changed.Add(r.minAge); r.minAge > 0 && ripe.After(l.now) {
		if l.ripe.IsZero() || ripe.Before(l.ripe) {
			l.ripe = ripe
		}
		return
	}
	if r.mark(&o) == r.ledger.position.File {
		l.resumed = &o
		return
	}
	l.read++
	heap.Push(&l.queue, o)
	if len(l.queue) > mostQueued {
		heap.Pop(&l.queue)
	}
}

// looked notes the progress after a listing.
func (r *reader) looked(l *listing) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Partitions = 1
	r.progress.Lag, r.progress.LagBytes = &l.count, &l.bytes
	if l.count == 0 {
		r.progress.CaughtUpAt = l.now
	}
}

// caughtUp notes that nothing is left to read.
func (r *reader) caughtUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.progress.Lag != nil && *r.progress.Lag == 0 {
		r.progress.CaughtUpAt = r.Now()
	}
}

// passed notes that a file is done.
func (r *reader) passed(o *object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.progress.Lag == nil {
		return
	}
	lag, bytes := max(*r.progress.Lag-1, 0), max(*r.progress.LagBytes-o.size, 0)
	r.progress.Lag, r.progress.LagBytes = &lag, &bytes
}
