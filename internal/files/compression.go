// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxLayers of compression: a file that was compressed twice is a slip, one more is an attack.
const maxLayers = 2

// maxWindow bounds the memory of a zstd stream; zstd itself makes no larger windows unless it is told to.
const maxWindow = 128 << 20

// decompress takes off the compression, which the first bytes tell.
func (f *File) decompress(from io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(from, peekBytes)
	for range maxLayers {
		head, err := r.Peek(4)
		if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
			return nil, unreadable(err)
		}
		plain, err := f.layer(r, head)
		if err != nil {
			return nil, unreadable(err)
		}
		if plain == nil {
			break
		}
		f.compressed = true
		r = bufio.NewReaderSize(plain, peekBytes)
	}
	return r, nil
}

// layer opens one layer of compression; nil when there is none.
func (f *File) layer(r io.Reader, head []byte) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		f.close = append(f.close, z.Close)
		return z, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		f.close = append(f.close, func() error { z.Close(); return nil })
		return z, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2.NewReader(r), nil
	}
	return nil, nil
}

// foreign names formats that are no rows of text, by their first bytes, and what to do with such a file.
func foreign(head []byte) (name, fix string) {
	for _, known := range []struct{ magic, name, fix string }{
		{"PK\x03\x04", "a ZIP archive or a workbook of a spreadsheet", "unpack it, or save the sheet as CSV"},
		{"PK\x05\x06", "an empty ZIP archive", "export it again"},
		{"\xd0\xcf\x11\xe0", "a workbook of an old spreadsheet", "save the sheet as CSV"},
		{"\xfd7zXZ\x00", "compressed by xz", "unpack it, or compress it by gzip or zstd"},
		{"7z\xbc\xaf", "a 7z archive", "unpack it"},
		{"\x04\x22\x4d\x18", "compressed by lz4", "unpack it, or compress it by gzip or zstd"},
		{"Obj\x01", "Avro", "export it as Parquet, NDJSON or CSV"},
		{"ORC", "ORC", "export it as Parquet, NDJSON or CSV"},
		{"ARROW1", "an Arrow file", "write it as Parquet, NDJSON or CSV"},
		{"SQLite format 3", "a SQLite database", "export the table as CSV"},
		{"%PDF", "a PDF", "export the data as CSV"},
		{"<?xml", "XML", "export it as NDJSON or CSV"},
		{"<!doctype html", "a web page, as a download that needs a login gives it", "download the file again"},
		{"<html", "a web page, as a download that needs a login gives it", "download the file again"},
	} {
		if len(head) >= len(known.magic) && bytes.EqualFold(head[:len(known.magic)], []byte(known.magic)) {
			return known.name, known.fix
		}
	}
	return "", ""
}
