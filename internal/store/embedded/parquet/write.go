// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package parquet reads and writes the store's sorted Parquet files. It writes the columns that every scan needs without compression,
// in encodings that are read at the speed of memory, and packs the rest; it reads whole row groups into blocks, with
// persons as runs and texts as codes of a dictionary. Files of any other writer are read as well, as long as they use plain and
// dictionary pages.
package parquet

import (
	"errors"
	"io"
	"strconv"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

const (
	// pageBytes is about the size of a page before it is compressed.
	pageBytes = 4 << 20
	// groupText ends a row group early: whoever reads it has all of its texts in memory.
	groupText = 32 << 20
	// pendingRows are taken at once, column by column.
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

// Writer makes one sorted file of rows that come in its order. It keeps one row group in memory, and another one while that is written.
type Writer struct {
	Content

	out       *file.Writer
	groupRows int
	behind    bool
	group     *group
	// encoding gives the error of writing the group before, once it is written; the memory of that is used again.
	encoding chan error
	written  *group
	// pending rows are in the group's persons already.
	pending []stretch
	waiting int
	run     int64
}

// stretch of rows of a block.
type stretch struct {
	from       *block.Block
	first, end int
}

// NewWriter writes to w, which stays open. Row groups have groupRows at most: a scan holds one of each file. A writer that works behind encodes and
// compresses one row group while it takes the next.
func NewWriter(w io.Writer, groupRows int64, behind bool) (*Writer, error) {
	s, properties, err := fileSchema()
	if err != nil {
		return nil, err
	}
	out, err := file.NewParquetWriterWithError(keepOpen{w}, s.Root(), file.WithWriterProps(properties), file.WithWriteMetadata(formatOf()))
	if err != nil {
		return nil, err
	}
	return &Writer{out: out, groupRows: int(groupRows), behind: behind, group: newGroup(), Content: Content{Bounds: block.NoBounds()}}, nil
}

// formatOf is what the footer says of the format.
func formatOf() metadata.KeyValueMetadata {
	var m metadata.KeyValueMetadata
	_ = m.Append(formatKey, strconv.Itoa(Format)) // It refuses no text that is UTF-8.
	return m
}

// keepOpen hides that a writer can be closed.
type keepOpen struct{ io.Writer }

// Add rows of a block that has the columns Wants; the first of them is in the run of persons. They are read when many have come: the block must not
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

// Settle reads the rows that were added, and writes a row group when it is full.
func (w *Writer) Settle() error {
	if w.waiting == 0 {
		return nil
	}
	w.group.take(w.pending, &w.Bounds)
	w.pending, w.waiting = w.pending[:0], 0
	if w.group.rows < w.groupRows && w.group.text() < groupText {
		return nil
	}
	return w.next()
}

// next writes the row group, and starts another one.
func (w *Writer) next() error {
	if err := w.wait(); err != nil {
		return err
	}
	full := w.group
	w.group = w.written
	if w.group == nil {
		w.group = newGroup()
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

// wait until the row group before is written.
func (w *Writer) wait() error {
	if w.encoding == nil {
		return nil
	}
	err := <-w.encoding
	w.encoding = nil
	w.written.reset()
	return err
}

// Close writes what is left and the footer.
func (w *Writer) Close() error {
	err := w.Settle()
	if err == nil && w.group.rows > 0 {
		err = w.next()
	}
	return errors.Join(err, w.wait(), w.out.Close())
}
