// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// Errors of one object, which do not stop the others.
var (
	// errGone: it was removed after it was listed.
	errGone = errors.New("the file was removed")
	// errChanged: it was changed after it was listed. The next listing has the new version.
	errChanged = errors.New("the file was changed")
	// errDenied: the place refuses to give it. It is tried again.
	errDenied = errors.New("the file may not be read")
)

// gather is how long small files are added to a batch that has documents.
const gather = 250 * time.Millisecond

// batch is a batch that grows.
type batch struct {
	pull.Batch
	began time.Time
}

// full reports whether nothing more fits.
func (b *batch) full() bool { return len(b.Candidates) >= pull.MaxRows || b.Bytes >= pull.MaxBytes }

// Read implements pull.Reader.
func (r *reader) Read(ctx context.Context) (pull.Batch, error) {
	for {
		b := batch{began: time.Now()}
		if !r.ledger.isNew() {
			if err := r.fill(ctx, &b); err != nil {
				return pull.Batch{}, r.place.explain(err)
			}
		}
		var err error
		if b.Moves, err = r.ledger.moves(len(b.Candidates)+len(b.Gaps) > 0); err != nil {
			return pull.Batch{}, err
		}
		if len(b.Moves) > 0 {
			// All documents count for the cursor with the position, which is the first of the moves.
			b.Partitions = make([]int, len(b.Candidates))
			return b.Batch, nil
		}
		if err := r.next(ctx); err != nil {
			return pull.Batch{}, r.place.explain(err)
		}
	}
}

// next waits until the place is to be listed again, and lists it.
func (r *reader) next(ctx context.Context) error {
	if r.denied != nil && (!r.further || !r.moved) {
		return r.denied
	}
	if wait := r.lookAt.Sub(r.Now()); wait > 0 && !r.further {
		r.place.rest()
		if err := pull.Sleep(ctx, wait); err != nil {
			return err
		}
	}
	return r.look(ctx)
}

// fill reads files into a batch. A file that cannot be read now comes after what was read before it.
func (r *reader) fill(ctx context.Context, b *batch) error {
	if r.failed != nil {
		return r.failed
	}
	for len(r.queue) > 0 && !b.full() {
		if len(b.Candidates) > 0 && time.Since(b.began) > gather {
			return nil
		}
		more, err := r.step(ctx, b, &r.queue[0])
		if err != nil || !more {
			return err
		}
	}
	if len(r.queue) == 0 && !r.further && len(b.Candidates) > 0 {
		r.caughtUp()
	}
	return nil
}

// step reads the first file of the queue into a batch. It reports whether the batch can have more.
func (r *reader) step(ctx context.Context, b *batch, o *object) (more bool, err error) {
	if r.current == nil {
		if !r.ledger.room(o) && r.crowded(o) {
			return false, nil
		}
		r.current = r.begin(ctx, o)
	}
	ended, err := r.current.read(ctx, b)
	switch {
	case ctx.Err() != nil:
		return false, ctx.Err()
	case !ended:
		r.ledger.position.File, r.ledger.position.Records = r.mark(o), r.current.after
		return false, nil
	}
	err = r.end(ctx, b, o, err)
	if err != nil && len(b.Candidates)+len(b.Gaps) > 0 {
		r.failed = err
		return false, nil
	}
	return err == nil, err
}

// crowded lists the place again because the ledger has to be shortened, once for each file.
func (r *reader) crowded(o *object) bool {
	if r.relisted == o.print {
		return false
	}
	r.relisted = o.print
	r.queue, r.further = nil, true
	return true
}

// begin opens a file.
func (r *reader) begin(ctx context.Context, o *object) *file {
	skip := int64(0)
	if r.ledger.position.File == r.mark(o) {
		skip = r.ledger.position.Records
	}
	return newFile(ctx, r, *o, skip)
}

// end ends the open file, which was read completely, or not because of an error.
func (r *reader) end(ctx context.Context, b *batch, o *object, err error) error {
	f := r.current
	changed := f.close(ctx, err == nil)
	f.stop()
	r.current = nil
	if err == nil {
		err = changed
	}
	var broken *brokenError
	switch {
	case err == nil:
	case errors.Is(err, errGone):
		b.Gaps = append(b.Gaps, pull.Gap{Count: 1, Message: fmt.Sprintf("the file %q was removed before it was read", shown(o.name))})
	case errors.Is(err, errChanged):
		r.Log.Info("a file has changed while it was read, and is read again", "file", o.name)
		r.lookAt = r.Now()
	case errors.Is(err, errDenied):
		r.denied = err
	case errors.As(err, &broken):
		r.Log.Warn("a file cannot be read", "file", o.name, "error", broken.error)
		b.Candidates = append(b.Candidates, transport.Candidate{
			Rejection: reject.New(reject.BadFile, "", fmt.Sprintf("the file %q: %s", shown(o.name), broken.error)),
		})
	default:
		if f.after > f.skip { // These records are in the batch.
			r.ledger.position.File, r.ledger.position.Records = r.mark(o), f.after
		}
		return err
	}
	r.ledger.position.File, r.ledger.position.Records = 0, 0
	if err == nil || broken != nil || errors.Is(err, errGone) {
		if err := r.ledger.add(o); err != nil {
			return err
		}
		r.passed(o)
		r.moved = true
	}
	r.queue = r.queue[1:]
	return nil
}
