// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/journeyman-dev/journeyman/internal/files/export"
	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

const (
	// mostParquet is the memory for reading Parquet, and the size of a row group.
	mostParquet = 128 << 20
	// mostDistinct is the number of different records of a file that get an id of their content.
	mostDistinct = 1 << 20
)

// brokenError is an error of a file itself, which lasts until the file changes.
type brokenError struct{ error }

// file is the open file.
type file struct {
	*reader
	object object
	source *source
	// after is the number of records that were read, and skip that of those that are stored already.
	after, skip int64
	next        func() (*record.Record, bool)
	stop        func()
	err         error
}

// newFile opens an object for reading. Errors come with the first read.
func newFile(ctx context.Context, r *reader, o object, skip int64) *file {
	f := &file{reader: r, object: o, skip: skip}
	f.source = &source{ctx: ctx, size: o.size}
	f.next, f.stop = iter.Pull(f.records)
	return f
}

// records reads the file from its beginning: the ids of records without one depend on those before.
func (f *file) records(yield func(*record.Record) bool) {
	if f.source.content, f.err = f.place.open(f.source.ctx, &f.object); f.err != nil {
		return
	}
	f.err = f.guarded(func() error {
		limits := export.Limits{Parquet: mostParquet, Distinct: mostDistinct}
		return export.ReadWithin(f.source, f.files, limits, func(r *record.Record) error {
			if !yield(r) {
				return errStopped
			}
			return nil
		}, func(note string) { f.Log.Info("how a file is read", "file", f.object.name, "note", note) })
	})
	switch {
	case f.err == nil, errors.Is(f.err, errStopped):
	case f.source.failed != nil:
		f.err = f.source.failed
	case errors.Is(f.err, fs.ErrPermission), isReadOnly(f.err):
		f.err = &brokenError{errors.New("it needs a temporary file, and the pods have none: store Parquet without compressing or packing it as a whole")}
	default:
		f.err = &brokenError{f.err}
	}
}

// errStopped ends reading because nobody wants more.
var errStopped = errors.New("stopped")

// guarded makes a panic an error of the file, or it would stop all others for ever. Its value can contain data, so only its type is shown.
func (f *file) guarded(read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reading it causes an internal error of this program (%T); report it", p)
		}
	}()
	return read()
}

// read adds records to the batch until it is full or the file ends.
func (f *file) read(ctx context.Context, b *batch) (ended bool, err error) {
	f.source.ctx = ctx
	for !b.full() {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		r, more := f.next()
		if !more {
			return true, f.err
		}
		f.after = r.Position
		if r.Position <= f.skip {
			continue
		}
		size := int64(sizeOf(r.Values))
		b.Bytes += size
		b.Candidates = append(b.Candidates, f.candidate(r, size))
	}
	return false, nil
}

func (f *file) candidate(r *record.Record, size int64) transport.Candidate {
	c := r.Candidate(f.object.name, f.files.TimeZone, f.files.Currency)
	if c.Rejection == nil && size > f.MaxDocument {
		c = transport.Candidate{Rejection: reject.New(reject.BodyTooLarge, "", fmt.Sprintf("the record has more than %d bytes", f.MaxDocument))}
	}
	c.Where = func() string { return fmt.Sprintf("%q, %s", shown(f.object.name), r.Where()) }
	return c
}

// close closes the object. complete is set if all of it was read.
func (f *file) close(ctx context.Context, complete bool) error {
	if f.source.content == nil {
		return nil
	}
	return f.source.content.close(ctx, complete)
}

// sizeOf returns about how many bytes a value has.
func sizeOf(v any) int {
	const word = 8
	switch v := v.(type) {
	case string:
		return len(v)
	case map[string]any:
		n := 0
		for k, e := range v {
			n += len(k) + sizeOf(e)
		}
		return n
	case []any:
		n := 0
		for _, e := range v {
			n += sizeOf(e)
		}
		return n
	}
	return word
}
