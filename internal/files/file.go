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
	// peekBytes are read to find out what a file is.
	peekBytes = 64 << 10
	// maxRecord bounds one record: a line or an element of JSON, a row of a table with the line ends in its cells.
	maxRecord = 1 << 20
)

// Row is one record of a file.
type Row struct {
	// Line on which the record starts, as an editor shows it, from 1. For Parquet it is the number of the row.
	Line int
	// Values by column; missing and empty ones are not there. Cells of tables are texts.
	Values map[string]any
	// Bad says why the record cannot be read; there are no values then.
	Bad *reject.Rejection
}

// bad makes the row of a record that cannot be read.
func bad(line int, reason, format string, args ...any) Row {
	return Row{Line: line, Bad: reject.New(reason, "", fmt.Sprintf(format, args...))}
}

// Options of reading.
type Options struct {
	// Whole documents are wanted as they are: an object around a list of documents is not taken apart.
	Whole bool
	// Encoding of text that has no byte-order mark, by its name on the web or at IANA; empty for UTF-8.
	Encoding string
}

// File is an open file of rows. It is read once.
type File struct {
	// Columns of a table or of Parquet, in their order; nil for JSON, whose documents have their own fields each.
	Columns []string
	// Commas tells that decimals may be written with a comma, since another character separates the cells.
	Commas bool

	compressed bool
	// encoding that the text was decoded from; empty for UTF-8.
	encoding string
	notes    []string
	each     func(take func(Row) error) error
	close    []func() error
}

// Open opens a file and says what it is. The error names what is wrong with the file as a whole.
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

// Each calls take with all rows in their order, those that cannot be read as well, until it gives an error.
func (f *File) Each(take func(Row) error) error { return f.each(take) }

// Notes say in words how the file is read where that is not plain to see, such as its encoding. They are complete once it has been read.
func (f *File) Notes() []string { return f.notes }

func (f *File) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// Close closes the file and removes what was made of it.
func (f *File) Close() error {
	var err error
	for i := len(f.close) - 1; i >= 0; i-- {
		err = errors.Join(err, f.close[i]())
	}
	return err
}

func newFile(from io.Reader, o Options) (f *File, err error) {
	f = &File{}
	defer func() {
		if err != nil {
			_ = f.Close() // What is wrong with the file is known already.
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
		return f, f.parquet(from, r)
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
	return f, f.table(text, head)
}

func isForeign(name, fix string) error { return fmt.Errorf("the file is %s: %s", name, fix) }

// peek returns what the file starts with, without taking it.
func peek(r *bufio.Reader) ([]byte, error) {
	head, err := r.Peek(peekBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(err)
	}
	return head, nil
}

// unreadable words the errors of decompression, which name the format already.
func unreadable(err error) error {
	var encoding encodingError
	if errors.As(err, &encoding) {
		return err
	}
	return fmt.Errorf("the file cannot be read: %w", err)
}
