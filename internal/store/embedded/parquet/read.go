// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Layout is the content of a file's footer. It can be cached, and used by many readers concurrently.
type Layout struct {
	meta    *metadata.FileMetaData
	columns map[string]int
	// Format of the file; 0 if the footer has none, as in files of other programs.
	Format int64
	// Groups of rows, in the order of the file.
	Groups []Group
}

// Group of rows.
type Group struct {
	Rows                 int
	MinPerson, MaxPerson uint64
	// Bytes is the approximate size of its columns after decompression.
	Bytes int64
}

// ReadLayout reads the footer.
func ReadLayout(r parquet.ReaderAtSeeker) (_ *Layout, err error) {
	defer refuse(&err)
	f, err := file.NewParquetReader(r, file.WithReadProps(readerProperties()))
	if err != nil {
		return nil, err
	}
	l := &Layout{meta: f.MetaData(), columns: map[string]int{}}
	for i := range l.meta.Schema.NumColumns() {
		l.columns[l.meta.Schema.Column(i).Path()] = i
	}
	if text := l.meta.KeyValueMetadata().FindValue(formatKey); text != nil {
		if l.Format, err = strconv.ParseInt(*text, 10, 64); err != nil {
			return nil, fmt.Errorf("%s: %w", formatKey, err)
		}
	}
	person, ok := l.columns["person"]
	if !ok {
		return nil, errors.New("sorted file: no column person")
	}
	for i := range f.NumRowGroups() {
		g := Group{Rows: int(f.RowGroup(i).NumRows()), MaxPerson: ^uint64(0), Bytes: f.RowGroup(i).MetaData().TotalByteSize()}
		chunk, err := l.meta.RowGroup(i).ColumnChunk(person)
		if err != nil {
			return nil, err
		}
		if stats, err := chunk.Statistics(); err == nil && stats != nil && stats.HasMinMax() {
			if low, high := stats.EncodeMin(), stats.EncodeMax(); len(low) == 8 && len(high) == 8 {
				g.MinPerson, g.MaxPerson = binary.LittleEndian.Uint64(low), binary.LittleEndian.Uint64(high)
			}
		}
		l.Groups = append(l.Groups, g)
	}
	return l, nil
}

func readerProperties() *parquet.ReaderProperties {
	p := parquet.NewReaderProperties(memory.DefaultAllocator)
	p.BufferedStreamEnabled, p.BufferSize = true, 32<<10
	return p
}

// Reader reads groups of a file into a block. It must not be used by several goroutines at once.
type Reader struct {
	layout *Layout
	file   *file.Reader
	wants  []block.Want
	group  block.Block
	// Bytes read so far, as stored in the file.
	Bytes int64
	// Packed is set if identities are returned in the form of event.PackIdentities instead of JSON.
	Packed bool
	// Commit of all rows, if the column does not have it; otherwise 0.
	Commit int64

	ints    []uint32
	longs   []int64
	anchors block.Runs
	classes classes

	at      io.ReaderAt
	headers headerReader
	head    []byte
	words   []uint64
}

// NewReader returns a reader of a file with its layout.
func NewReader(r parquet.ReaderAtSeeker, l *Layout, wants []block.Want) (_ *Reader, err error) {
	defer refuse(&err)
	f, err := file.NewParquetReader(r, file.WithMetadata(l.meta), file.WithReadProps(readerProperties()))
	if err != nil {
		return nil, err
	}
	for _, w := range wants {
		if !l.Has(w.Name) {
			return nil, fmt.Errorf("sorted file: no column %s", w.Name)
		}
	}
	return &Reader{layout: l, file: f, at: r, wants: wants, group: block.Block{Columns: make([]block.Column, len(wants))}}, nil
}

// Read returns a group's persons and wanted columns. The block is valid until the next call.
func (r *Reader) Read(group int) (_ *block.Block, err error) {
	defer refuse(&err)
	b := &r.group
	b.Rows = r.layout.Groups[group].Rows
	if err := r.runs(group, "person", &b.Persons); err != nil {
		return nil, err
	}
	for i, w := range r.wants {
		if err := r.column(group, w, &b.Columns[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Column reads one more column of a group, into memory of the caller.
func (r *Reader) Column(group int, w block.Want, into *block.Column) (err error) {
	defer refuse(&err)
	if !r.layout.Has(w.Name) {
		return fmt.Errorf("sorted file: no column %s", w.Name)
	}
	return r.column(group, w, into)
}

// Anchors returns the anchors of a group's rows. They are valid until the next call.
func (r *Reader) Anchors(group int) (_ *block.Runs, err error) {
	defer refuse(&err)
	return &r.anchors, r.runs(group, "anchor", &r.anchors)
}

// refuse converts a panic to an error, because arrow-go trusts the numbers in footers and page headers. It is called once per group and column.
func refuse(err *error) {
	if why := recover(); why != nil {
		*err = fmt.Errorf("%w: %v", errPage, why)
	}
}

// longsOf returns little-endian eight-byte numbers in place, if they are aligned, and otherwise a copy.
func longsOf(data []byte, n int) ([]int64, error) {
	if len(data) < 8*n || n < 0 {
		return nil, errPage
	}
	if n == 0 {
		return nil, nil
	}
	if uintptr(unsafe.Pointer(&data[0]))%8 == 0 { //nolint:gosec // asks for the alignment alone
		//nolint:gosec // the length was checked above, the alignment just now
		return unsafe.Slice((*int64)(unsafe.Pointer(&data[0])), n), nil
	}
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return out, nil
}

// runs reads a column of numbers as runs.
func (r *Reader) runs(group int, name string, out *block.Runs) error {
	out.Reset()
	r.longs = r.longs[:0]
	return r.pages(group, name, func(data []byte, n int) error {
		values, err := longsOf(data, n)
		r.longs = append(r.longs[:0], values...)
		return err
	}, func(p page) error {
		if !p.dictionary {
			values, err := longsOf(p.data, p.n)
			for _, v := range values {
				out.Add(uint64(v), 1)
			}
			return err
		}
		x, err := newIndexes(p.data, p.n)
		if err != nil {
			return err
		}
		for x.left > 0 {
			value, run, packed, count, err := x.next()
			if err != nil {
				return err
			}
			if run > 0 {
				if int(value) >= len(r.longs) {
					return errPage
				}
				out.Add(uint64(r.longs[value]), run)
				continue
			}
			r.ints = grown(r.ints[:0], count)
			for _, v := range unpack(r.ints, packed, x.width, count) {
				if int(v) >= len(r.longs) {
					return errPage
				}
				out.Add(uint64(r.longs[v]), 1)
			}
		}
		return nil
	})
}

// grown returns a slice with room for n more values.
func grown[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, len(s)+n), s...)
}
