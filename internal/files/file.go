// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

const (
	// peekBytes is the number of bytes that are read to detect the format.
	peekBytes = 64 << 10
	// maxRecord is the size of one record: a line or an element of JSON, or a row of a table including the line ends in its cells.
	maxRecord = 1 << 20
)

// Row is one record of a file.
type Row struct {
	// Line is the line on which the record starts, from 1, as an editor shows it. For Parquet it is the number of the row.
	Line int
	// Values by column; missing and empty ones are omitted. Cells of tables are texts.
	Values map[string]any
	// Bad is the reason why the record cannot be read. There are no values then.
	Bad *reject.Rejection
	// Readings are the values that a row which cannot be read may have; none if they are unknown.
	Readings []map[string]any
}

// bad returns the row of a record that cannot be read.
func bad(line int, reason, format string, args ...any) Row {
	return Row{Line: line, Bad: reject.New(reason, "", fmt.Sprintf(format, args...))}
}

// Options for reading.
type Options struct {
	// Whole returns documents unchanged: an object around a list of documents is not unwrapped.
	Whole bool
	// Encoding of text without a byte-order mark, by its name on the web or at IANA; empty for UTF-8.
	Encoding string
	// Separator of cells; 0 detects it.
	Separator byte
	// HeaderRows is the number of rows of a table's header; 0 is 1. HeaderHas are columns that the header must have: lines before it are skipped.
	HeaderRows int
	HeaderHas  []string
	// EitherEncoding reads a file as UTF-8 if that is what it is, although Encoding is set: exports of one system can differ. The settings are those of
	// a source.
	EitherEncoding bool
	// ParquetMemory is the memory for reading Parquet, in bytes. Default: 2 GiB.
	ParquetMemory int64
}

// File is an open file of rows. It can be read once.
type File struct {
	// Columns of a table or of Parquet, in order; nil for JSON, where each document has its own fields.
	Columns []string
	// Header has the rows of a table's header after the first, by column.
	Header []map[string]string
	// Commas is set if decimals can be written with a comma, because another character separates the cells.
	Commas bool

	compressed bool
	// ofSource is set if the settings are those of a source.
	ofSource bool
	// encoding that the text was decoded from; empty for UTF-8.
	encoding string
	notes    []string
	each     func(take func(Row) error) error
	close    []func() error
}

// Open opens a file and detects its format. The error describes what is wrong with the file as a whole.
func Open(path string, o Options) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	out, err := newFile(f, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, f.Close()))
	}
	out.close = append([]func() error{f.Close}, out.close...) // It was opened first and is closed last.
	return out, nil
}

// Read reads a file from a stream. Parquet, which needs random access, is copied to a temporary file, unless the stream has random access itself.
func Read(from io.Reader, o Options) (*File, error) { return newFile(from, o) }

// Each calls take for all rows in order, including those that cannot be read, until it returns an error.
func (f *File) Each(take func(Row) error) error { return f.each(take) }

// Notes describe how the file is read where that is not obvious, such as its encoding. They are complete once the file has been read.
func (f *File) Notes() []string { return f.notes }

func (f *File) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// Close closes the file and removes temporary files.
func (f *File) Close() error {
	var err error
	for i := len(f.close) - 1; i >= 0; i-- {
		err = errors.Join(err, f.close[i]())
	}
	return err
}

func newFile(from io.Reader, o Options) (f *File, err error) {
	f = &File{ofSource: o.EitherEncoding}
	defer func() {
		if err != nil {
			_ = f.Close() // The file has already failed.
		}
	}()
	r, err := f.decompress(from)
	if err != nil {
		return f, err
	}
	head, err := peek(r)
	if err != nil {
		return f, err
	}
	if isParquet(head) {
		return f, f.parquet(from, r, o.ParquetMemory)
	}
	if name, fix := foreign(head); name != "" {
		return f, isForeign(name, fix)
	}
	text, err := f.text(r, head, o)
	if err != nil {
		return f, err
	}
	if head, err = peek(text); err != nil {
		return f, err
	}
	if name, fix := foreignText(head); name != "" {
		return f, isForeign(name, fix)
	}
	if looksLikeJSON(head) {
		f.json(text, head, o)
		return f, nil
	}
	return f, f.table(text, head, o)
}

func isForeign(name, fix string) error { return fmt.Errorf("the file is %s: %s", name, fix) }

// peek returns the beginning of the file without consuming it. What is before a damage is read: the error comes again then.
func peek(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(peekBytes)
	var encoding encodingError
	if err != nil && !errors.Is(err, io.EOF) && (len(head) == 0 || errors.As(err, &encoding)) {
		return nil, unreadable(err)
	}
	return head, nil
}

// unreadable describes the errors of decompression, which already name the format.
func unreadable(err error) error {
	var encoding encodingError
	if errors.As(err, &encoding) {
		return err
	}
	return fmt.Errorf("the file cannot be read: %w", err)
}
