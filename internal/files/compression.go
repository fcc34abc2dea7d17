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

// maxLayers is the number of layers of compression. A file that was compressed twice is a mistake; a third layer is an attack.
const maxLayers = 2

// maxWindow limits the memory of a zstd stream. By default, zstd itself does not use larger windows.
const maxWindow = 128 << 20

// A file can unpack to this many bytes, or to this many for each byte of its own. gzip alone cannot expand more, and tables are far from it.
const (
	maxUnpacked       = 256 << 20
	maxUnpackedOfByte = 1100
)

var (
	errCutOff = errors.New("the file is truncated: download it again")
	errBomb   = fmt.Errorf("it unpacks to more than %d times its size: no export does", maxUnpackedOfByte)
)

// decompress removes the compression, which it detects by the first bytes.
func (f *File) decompress(from io.Reader) (*bufio.Reader, error) {
	packed := &counted{r: from}
	r := bufio.NewReaderSize(packed, peekBytes)
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
		r = bufio.NewReaderSize(&unpacked{counted: counted{r: plain}, packed: packed}, peekBytes)
	}
	return r, nil
}

// layer opens one layer of compression. It returns nil if there is none.
func (f *File) layer(r io.Reader, head []byte) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, inWords("gzip", err)
		}
		f.close = append(f.close, func() error { _ = z.Close(); return nil }) // Its error is that of reading.
		return &packedIn{"gzip", z}, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(r, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, inWords("zstd", err)
		}
		f.close = append(f.close, func() error { z.Close(); return nil })
		return &packedIn{"zstd", z}, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return &packedIn{"bzip2", bzip2.NewReader(r)}, nil
	}
	return nil, nil
}

// counted counts the bytes that it reads.
type counted struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacked limits the size of unpacked data.
type unpacked struct {
	counted
	packed *counted
}

// Read implements io.Reader.
func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.counted.Read(p)
	if u.n > maxUnpacked+maxUnpackedOfByte*u.packed.n {
		return 0, errBomb
	}
	return n, err
}

// packedIn describes the errors of a compression format.
type packedIn struct {
	format string
	r      io.Reader
}

// Read implements io.Reader.
func (p *packedIn) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	return n, inWords(p.format, err)
}

// inWords describes what is wrong with a compressed file.
func inWords(format string, err error) error {
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return err
	case errors.Is(err, errBomb):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errCutOff
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zstd.ErrMagicMismatch):
		err = errors.New("something else follows the compressed text: the file is damaged, or two files were joined")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		err = errors.New("the checksum is wrong: the file is damaged; download it again")
	}
	return fmt.Errorf("%s: %w", format, err)
}
