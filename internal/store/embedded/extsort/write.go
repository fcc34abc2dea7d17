// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/klauspost/compress/s2"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/batch"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	// compressed is the size of a compressed block, with a checksum.
	compressed = 64 << 10
	// checkEvery is how often, in bytes written, the free space on the volume is checked.
	checkEvery = 4 << 20
)

// file is a spilled file: an Arrow stream of sorted rows, compressed by S2 with a checksum for each block. Only this sort uses it, and it is never synced.
type file struct {
	path  string
	rows  int64
	bytes int64
	// chunk is the size of its largest batch in memory.
	chunk int64
}

// write spills the rows of a merger. A file that could not be written is removed.
func (p *Pool) write(ctx context.Context, schema *arrow.Schema, from *merger) (*file, error) {
	f := &file{path: p.volume.Path(volume.Temp, p.volume.NewName("sort"))}
	to, err := p.volume.Create(f.path)
	if err != nil {
		return nil, fmt.Errorf("spill a sort: %w", err)
	}
	out := &output{ctx: ctx, pool: p, to: to, check: 0}
	packed := s2.NewWriter(out, s2.WriterConcurrency(1), s2.WriterBlockSize(compressed))
	records := ipc.NewWriter(packed, ipc.WithSchema(schema))
	err = f.fill(records, batch.New(schema), from)
	err = errors.Join(err, records.Close(), packed.Close(), to.Close())
	f.bytes = out.written
	if err != nil {
		return nil, fmt.Errorf("spill a sort: %w", errors.Join(err, p.remove(f)))
	}
	return f, nil
}

func (f *file) fill(to *ipc.Writer, b *batch.Batch, from *merger) error {
	for {
		next, err := from.next(chunkRows - b.Rows())
		if err != nil {
			return err
		}
		if next.Block != nil {
			if b.Add(next.Block, next.Run, next.First, next.End); !b.Full(chunkRows, chunkText) {
				continue
			}
		}
		record, err := b.Record()
		if err != nil || record == nil {
			return err
		}
		f.rows += record.NumRows()
		f.chunk = max(f.chunk, sizeOf(record))
		err = to.Write(record)
		record.Release()
		if err != nil || next.Block == nil {
			return err
		}
		b.Reset(chunkRows)
	}
}

// sizeOf returns the memory of a record for a source that reads it: each text has a header and a code there.
func sizeOf(record arrow.RecordBatch) int64 {
	size := int64(0)
	for _, column := range record.Columns() {
		for _, b := range column.Data().Buffers() {
			if b != nil {
				size += int64(b.Len())
			}
		}
		if column.DataType().ID() == arrow.STRING {
			size += record.NumRows() * (ofText + 4)
		}
	}
	return size
}

// remove removes a file, and releases its disk space.
func (p *Pool) remove(f *file) error {
	if err := p.volume.RemoveIfThere(f.path); err != nil {
		return err
	}
	p.give(f.bytes)
	f.bytes = 0
	return nil
}

// output writes to a file as long as the sort continues and there is space. It does not use the space that the volume reserves for the log and for compaction.
type output struct {
	ctx     context.Context
	pool    *Pool
	to      volume.File
	written int64
	check   int64
}

func (o *output) Write(b []byte) (int, error) {
	if err := o.ctx.Err(); err != nil {
		return 0, err
	}
	if o.written >= o.check {
		if err := o.pool.volume.Room(); err != nil {
			return 0, err
		}
		o.check += checkEvery
	}
	if err := o.pool.take(int64(len(b))); err != nil {
		return 0, err
	}
	o.written += int64(len(b))
	return o.to.Write(b)
}
