// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unsafe"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
)

// page of a column: its values, after the levels.
type page struct {
	n          int
	data       []byte
	dictionary bool
}

// pageReader passes the pages of a column on.
type pageReader struct {
	name string
	// left is the number of rows still to come.
	left int
	// level of an existing value; 0 in a column that has no nulls, and no levels.
	level      int16
	dictionary func(data []byte, n int) error
	each       func(p page) error
}

// pages calls dictionary, if there is one, and then each for the pages of a column. Their arguments are valid only during the call.
func (r *Reader) pages(group int, name string, dictionary func(data []byte, n int) error, each func(p page) error) error {
	index := r.layout.columns[name]
	chunk, err := r.layout.meta.RowGroup(group).ColumnChunk(index)
	if err != nil {
		return err
	}
	r.Bytes += chunk.TotalCompressedSize()
	p := &pageReader{
		name: name, left: r.layout.Groups[group].Rows, dictionary: dictionary, each: each,
		level: r.layout.meta.Schema.Column(index).MaxDefinitionLevel(),
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

// headerBytes is how much is read to find the size of a page. Most headers have a tenth of it.
const headerBytes = 512

// plainPages reads the pages of an uncompressed chunk directly into reusable memory.
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
			err = p.behind(data[:h.levels], data[h.levels:], h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// header reads the page header at an offset.
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

// memory returns memory for a page, aligned for eight-byte numbers.
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

// withLevels reads a page of version 1, whose levels are preceded by their length.
func (p *pageReader) withLevels(data []byte, h header) error {
	if p.level == 0 {
		return p.data(data, int(h.values), h.encoding)
	}
	if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
		return errPage
	}
	size := binary.LittleEndian.Uint32(data)
	return p.behind(data[4:4+size], data[4+size:], h)
}

// behind passes on the values after the levels. All values must exist: they are read without their levels, so that a null would shift those after it.
func (p *pageReader) behind(levels, data []byte, h header) error {
	if p.level == 0 {
		return p.data(data, int(h.values), h.encoding)
	}
	x := indexes{data: levels, width: uint(bits.Len16(uint16(p.level))), left: int(h.values)}
	var unpacked []uint32
	for x.left > 0 {
		value, run, packed, count, err := x.next()
		if err != nil {
			return err
		}
		if unpacked = append(unpacked[:0], value); run == 0 {
			unpacked = unpack(grown(unpacked[:0], count), packed, x.width, count)
		}
		for _, level := range unpacked {
			if level != uint32(p.level) {
				return errNull
			}
		}
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
			levels := page.DefinitionLevelByteLen() + page.RepetitionLevelByteLen()
			if levels < 0 || int(levels) > len(page.Data()) {
				return errPage
			}
			err = p.behind(page.Data()[:levels], page.Data()[levels:], header{values: page.NumValues(), encoding: parquet.Encoding(page.Encoding())})
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

// data passes on a page of values.
func (p *pageReader) data(data []byte, n int, e parquet.Encoding) error {
	out := page{n: n, data: data}
	switch {
	case isDictionary(e):
		out.dictionary = true
	case e != parquet.Encodings.Plain:
		return fmt.Errorf("pages of encoding %s are not known", e)
	}
	// The reader of the values has allocated the remaining rows.
	if p.left -= n; p.left < 0 || n < 0 {
		return errPage
	}
	return p.each(out)
}

func isDictionary(e parquet.Encoding) bool {
	return e == parquet.Encodings.RLEDict || e == parquet.Encodings.PlainDict
}
