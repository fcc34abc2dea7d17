// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package parquet reads and writes the store's sorted Parquet files. It writes the columns that every scan needs uncompressed, in encodings that are
// read at memory speed, and compresses the rest. It reads whole row groups into blocks, with persons as runs and texts as codes of a dictionary. It
// also reads files of other writers, if they use only plain and dictionary pages.
package parquet

import (
	"errors"
	"io"
	"runtime"
	"strconv"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

const (
	// pageBytes is the approximate size of a page before compression.
	pageBytes = 4 << 20
	// groupText is the size of texts at which a row group ends early, because readers have all of its texts in memory.
	groupText = 32 << 20
	// pendingRows is the number of rows that are added at once, column by column.
	pendingRows = 1024
)

// Content of a file.
type Content struct {
	Rows int64
	// Longest is the largest number of rows of one person.
	Longest              int64
	MinPerson, MaxPerson uint64
	block.Bounds
}

// Writer writes one sorted file of rows in its order. It keeps one row group in memory, and another one while that is being written.
type Writer struct {
	Content

	out       *file.Writer
	groupRows int
	behind    bool
	group     *group
	// encoding returns the error of writing the previous group, once it is written. The memory of that group is reused.
	encoding chan error
	written  *group
	// pending rows are already in the group's persons.
	pending []stretch
	waiting int
	run     int64
}

// stretch of rows of a block.
type stretch struct {
	from       *block.Block
	first, end int
}

// NewWriter writes to w, which it does not close. Row groups have at most groupRows rows, because a scan holds one of each file. If behind is set,
// the writer encodes and compresses one row group in the background while it receives the next one.
func NewWriter(w io.Writer, groupRows int64, behind bool) (*Writer, error) {
	return newWriter(w, groupRows, behind, compress.Codecs.Zstd)
}

// NewTemporaryWriter is NewWriter for a file that is read once and then removed: it compresses less, with less CPU.
func NewTemporaryWriter(w io.Writer, groupRows int64, behind bool) (*Writer, error) {
	return newWriter(w, groupRows, behind, compress.Codecs.Snappy)
}

func newWriter(w io.Writer, groupRows int64, behind bool, codec compress.Compression) (*Writer, error) {
	s, properties, err := fileSchema(codec)
	if err != nil {
		return nil, err
	}
	out, err := file.NewParquetWriterWithError(keepOpen{w}, s.Root(), file.WithWriterProps(properties), file.WithWriteMetadata(formatOf()))
	if err != nil {
		return nil, err
	}
	return &Writer{out: out, groupRows: int(groupRows), behind: behind, group: takeGroup(), Content: Content{Bounds: block.NoBounds()}}, nil
}

// formatOf returns the footer metadata with the format.
func formatOf() metadata.KeyValueMetadata {
	var m metadata.KeyValueMetadata
	_ = m.Append(formatKey, strconv.Itoa(Format)) // It accepts all UTF-8 text.
	return m
}

// keepOpen hides that a writer can be closed.
type keepOpen struct{ io.Writer }

// Add adds rows of a block with the columns in Wants; run is the run of persons of the first row. The rows are read in batches: the block must not
// change until Settle was called.
func (w *Writer) Add(from *block.Block, run, first, end int) error {
	for first < end {
		stop := min(first+w.groupRows-w.group.rows, first+pendingRows-w.waiting, end)
		run = w.addPersons(from, run, first, stop)
		w.pending = append(w.pending, stretch{from: from, first: first, end: stop})
		w.waiting += stop - first
		w.group.rows += stop - first
		first = stop
		if w.group.rows < w.groupRows && w.waiting < pendingRows {
			continue
		}
		if err := w.Settle(); err != nil {
			return err
		}
	}
	return nil
}

// addPersons returns the run of the next row.
func (w *Writer) addPersons(from *block.Block, run, first, end int) int {
	for at := first; at < end; {
		for int(from.Persons.Ends[run]) <= at {
			run++
		}
		stop, person := min(int(from.Persons.Ends[run]), end), from.Persons.Values[run]
		if w.Rows == 0 {
			w.MinPerson = person
		}
		if w.Rows == 0 || person != w.MaxPerson {
			w.MaxPerson, w.run = person, 0
		}
		w.run += int64(stop - at)
		w.Rows += int64(stop - at)
		w.Longest = max(w.Longest, w.run)
		w.group.persons.Add(person, stop-at)
		at = stop
	}
	return run
}

// Settle reads the rows that were added, and writes a row group if it is full.
func (w *Writer) Settle() error {
	if w.waiting == 0 {
		return nil
	}
	w.group.take(w.pending, &w.Bounds)
	w.pending, w.waiting = w.pending[:0], 0
	runtime.Gosched() // Appends do not have to wait until the scheduler interrupts a flush or a load, which takes 10 ms.
	if w.group.rows < w.groupRows && w.group.text() < groupText {
		return nil
	}
	return w.next()
}

// next writes the row group, and starts a new one.
func (w *Writer) next() error {
	if err := w.wait(); err != nil {
		return err
	}
	full := w.group
	w.group = w.written
	if w.group == nil {
		w.group = takeGroup()
	}
	w.written = full
	done := make(chan error, 1)
	w.encoding = done
	encode := func() { done <- full.write(w.out) }
	if w.behind {
		go encode()
		return nil
	}
	encode()
	return w.wait()
}

// wait waits until the previous row group is written.
func (w *Writer) wait() error {
	if w.encoding == nil {
		return nil
	}
	err := <-w.encoding
	w.encoding = nil
	w.written.reset()
	return err
}

// Close writes the rest and the footer. It does nothing if it was called before.
func (w *Writer) Close() error {
	if w.group == nil {
		return nil
	}
	err := w.Settle()
	if err == nil && w.group.rows > 0 {
		err = w.next()
	}
	err = errors.Join(err, w.wait(), w.out.Close())
	giveGroup(w.group)
	giveGroup(w.written)
	w.group, w.written = nil, nil
	return err
}
