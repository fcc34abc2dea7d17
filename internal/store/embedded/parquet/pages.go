// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// page of a column: its values, behind the levels.
type page struct {
	n          int
	data       []byte
	dictionary bool
}

// pageReader hands the pages of a column over.
type pageReader struct {
	name string
	// rows that are still to come.
	left       int
	levels     bool
	dictionary func(data []byte, n int) error
	each       func(p page) error
}

// pages calls dictionary, if there is one, and then each for the pages of a column. What they get is valid during the call only.
func (r *Reader) pages(group int, name string, dictionary func(data []byte, n int) error, each func(p page) error) error {
	index := r.layout.columns[name]
	chunk, err := r.layout.meta.RowGroup(group).ColumnChunk(index)
	if err != nil {
		return err
	}
	r.Bytes += chunk.TotalCompressedSize()
	p := &pageReader{
		name: name, left: r.layout.Groups[group].Rows, dictionary: dictionary, each: each,
		levels: r.layout.meta.Schema.Column(index).MaxDefinitionLevel() > 0,
	}
	if chunk.Compression() == compress.Codecs.Uncompressed && chunk.CryptoMetadata() == nil {
		err = r.plainPages(chunk, p)
	} else {
		err = r.packedPages(group, index, p)
	}
	if err != nil {
		return fmt.Errorf("column %s: %w", name, err)
	}
	if p.left != 0 {
		return errPage
	}
	return nil
}

// headerBytes are read to find out how long a page is; most headers have a tenth of it.
const headerBytes = 512

// plainPages reads the pages of a chunk that is not compressed straight into memory that is used again.
func (r *Reader) plainPages(chunk *metadata.ColumnChunkMetaData, p *pageReader) error {
	at := chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		at = min(at, chunk.DictionaryPageOffset())
	}
	end := at + chunk.TotalCompressedSize()
	for p.left > 0 && at < end {
		h, size, err := r.header(at, end)
		if err != nil {
			return err
		}
		at += int64(size)
		if h.bytes < 0 || int64(h.bytes) > end-at {
			return errPage
		}
		data := r.memory(int(h.bytes))
		if _, err := r.at.ReadAt(data, at); err != nil {
			return err
		}
		at += int64(h.bytes)
		switch h.kind {
		case dictPage:
			err = p.dictionary(data, int(h.values))
		case dataPageV1:
			err = p.withLevels(data, h)
		case dataPageV2:
			if h.levels < 0 || h.levels > h.bytes {
				return errPage
			}
			err = p.data(data[h.levels:], int(h.values), h.encoding)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// header reads the header of the page at a place.
func (r *Reader) header(at, end int64) (header, int, error) {
	for size := int64(headerBytes); ; size *= 16 {
		size = min(size, end-at)
		if int64(cap(r.head)) < size {
			r.head = make([]byte, size)
		}
		head := r.head[:size]
		if _, err := r.at.ReadAt(head, at); err != nil {
			return header{}, 0, err
		}
		h, n, err := r.headers.read(head)
		if err == nil || size == end-at {
			return h, n, err
		}
	}
}

// memory lends room for a page, aligned for numbers of eight bytes.
func (r *Reader) memory(n int) []byte {
	if words := (n + 7) / 8; cap(r.words) < words {
		r.words = make([]uint64, words+words/4)
	}
	if n == 0 {
		return nil
	}
	//nolint:gosec // the bytes of a slice of numbers, of which there are at least n
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(r.words[:1]))), n)
}

func (p *pageReader) withLevels(data []byte, h header) error {
	if p.levels {
		if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
			return errPage
		}
		data = data[4+binary.LittleEndian.Uint32(data):]
	}
	return p.data(data, int(h.values), h.encoding)
}

// packedPages reads the pages of a compressed chunk.
func (r *Reader) packedPages(group, index int, p *pageReader) error {
	pages, err := r.file.RowGroup(group).GetColumnPageReader(index)
	if err != nil {
		return err
	}
	for pages.Next() {
		switch page := pages.Page().(type) {
		case *file.DictionaryPage:
			err = p.dictionary(page.Data(), int(page.NumValues()))
		case *file.DataPageV1:
			err = p.withLevels(page.Data(), header{values: page.NumValues(), encoding: parquet.Encoding(page.Encoding())})
		case *file.DataPageV2:
			data := page.Data()[page.DefinitionLevelByteLen()+page.RepetitionLevelByteLen():]
			err = p.data(data, int(page.NumValues()), parquet.Encoding(page.Encoding()))
		default:
			err = errors.New("sorted file: a page has an unknown type")
		}
		if err != nil {
			return err
		}
	}
	if err := pages.Err(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return pages.Close()
}

// data hands a page of values over.
func (p *pageReader) data(data []byte, n int, e parquet.Encoding) error {
	out := page{n: n, data: data}
	switch {
	case isDictionary(e):
		out.dictionary = true
	case e != parquet.Encodings.Plain:
		return fmt.Errorf("pages of encoding %s are not known", e)
	}
	// Whoever reads the values has room for the rows that are left.
	if p.left -= n; p.left < 0 || n < 0 {
		return errPage
	}
	return p.each(out)
}

func isDictionary(e parquet.Encoding) bool {
	return e == parquet.Encodings.RLEDict || e == parquet.Encodings.PlainDict
}
