// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/files"
	"github.com/journeyman-dev/journeyman/internal/files/record"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Record is a record of a file.
type Record = record.Record

// Source is an opened file: a stream with random access, as *os.File has it.
type Source interface {
	io.Reader
	io.ReaderAt
	io.Seeker
}

// reader reads the records of one file.
type reader struct {
	settings *v1alpha1.FilesTransport
	options  files.Options
	take     func(*Record) error
	note     func(string)
	ordinals files.Ordinals
	// full is set once there are too many different records to give them places.
	full     bool
	position int64
	member   string
	header   []map[string]any
}

// Check returns what is wrong with settings: the field and the problem.
func Check(t *v1alpha1.FilesTransport) error {
	if t.TimeZone != "" {
		if _, err := value.Zone(t.TimeZone); err != nil {
			return fmt.Errorf("timeZone: %q %w", t.TimeZone, err)
		}
	}
	if t.Encoding != "" {
		if err := files.CheckEncoding(t.Encoding); err != nil {
			return fmt.Errorf("encoding: %w", err)
		}
	}
	if _, ok := separators[t.Separator]; t.Separator != "" && !ok {
		return fmt.Errorf("separator: %q is unknown: use Comma, Semicolon, Tab or VerticalBar", t.Separator)
	}
	return nil
}

// Read calls take for the records of a file, in order, until it returns an error, and note for remarks on how the file is read. A record is valid during
// the call. The error describes what is wrong with the file as a whole.
func Read(from Source, t *v1alpha1.FilesTransport, take func(*Record) error, note func(string)) error {
	return ReadWithin(from, t, Limits{}, take, note)
}

// Limits of memory. Zero values are those of a program on the machine of a person.
type Limits struct {
	// Parquet is the memory for reading Parquet.
	Parquet int64
	// Distinct is the number of different records of a file that get an id of their content.
	Distinct int
}

// ReadWithin is Read with limits.
func ReadWithin(from Source, t *v1alpha1.FilesTransport, limits Limits, take func(*Record) error, note func(string)) error {
	if err := Check(t); err != nil {
		return err
	}
	r := &reader{settings: t, options: optionsOf(t), take: take, note: note, ordinals: files.Ordinals{Most: limits.Distinct}}
	r.options.ParquetMemory = limits.Parquet
	archive, err := zipOf(from)
	if err != nil {
		return err
	}
	if archive != nil {
		return r.archive(archive)
	}
	return r.file(from)
}

var separators = map[v1alpha1.FileSeparator]byte{
	v1alpha1.SeparatedByComma: ',', v1alpha1.SeparatedBySemicolon: ';', v1alpha1.SeparatedByTab: '\t', v1alpha1.SeparatedByVerticalBar: '|',
}

func optionsOf(t *v1alpha1.FilesTransport) files.Options {
	o := files.Options{Encoding: t.Encoding, EitherEncoding: true, Separator: separators[t.Separator]}
	if h := t.Header; h != nil {
		o.HeaderRows, o.HeaderHas = int(h.Rows), h.Columns
	}
	return o
}

// file reads one file that is no archive.
func (r *reader) file(from io.Reader) error {
	f, err := files.Read(from, r.options)
	if err != nil {
		return err
	}
	err = r.rows(f)
	for _, n := range f.Notes() {
		r.note(n)
	}
	return errors.Join(err, f.Close())
}

func (r *reader) rows(f *files.File) error {
	r.header = nil
	for _, row := range f.Header {
		r.header = append(r.header, decoded(row))
	}
	j := newJoiner(r.settings.JoinBy, f.Columns)
	columns := r.jsonColumns(f.Columns)
	ignored := ignoredRows(r.settings.IgnoreRows, f.Columns)
	err := f.Each(func(row files.Row) error {
		if row.Bad == nil && ignored(row.Values) || len(row.Readings) > 0 && ignored(row.Readings[0]) {
			return nil
		}
		if row.Bad == nil {
			decodeCells(&row, columns)
		}
		for _, next := range j.add(row) {
			if err := r.emit(next); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, last := range j.end() {
		if err := r.emit(last); err != nil {
			return err
		}
	}
	if remark := j.note(); remark != "" {
		r.note(remark)
	}
	return nil
}

// jsonColumns returns the columns to decode. Documents have no columns: their fields are decoded if they are texts.
func (r *reader) jsonColumns(columns []string) (out []string) {
	for _, c := range r.settings.JSONColumns {
		if columns == nil || slices.Contains(columns, c) {
			out = append(out, c)
		}
	}
	return out
}

// emit passes on a record.
func (r *reader) emit(row files.Row) error {
	r.position++
	out := Record{Position: r.position, Member: r.member, Line: row.Line, Values: row.Values, Bad: row.Bad, Header: r.header}
	if out.Bad == nil && !r.full {
		id, rejection := transport.ContentID(out.Values)
		if rejection != nil {
			out.Values, out.Bad = nil, rejection
			return r.take(&out)
		}
		if out.Member != "" {
			id += "@" + strings.ToLower(out.Member)
		}
		content, err := r.ordinals.Of(id)
		r.full, out.Content = err != nil, content
	}
	return r.take(&out)
}
