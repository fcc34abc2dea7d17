// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

const (
	// blockBytes is the size of what is fetched at once, and blocks how many of them are kept: ZIP archives are read in two places.
	blockBytes = 4 << 20
	keptBlocks = 3
)

// source is a stream with random access over an object. It keeps a few blocks.
type source struct {
	// ctx is that of the call in progress.
	ctx     context.Context
	content content
	size    int64
	at      int64
	blocks  []block
	// failed is the error of the place; an error of reading without it is one of the file.
	failed error
}

// block is a part of the object. The latest one is the first.
type block struct {
	offset int64
	bytes  []byte
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	if s.at >= s.size {
		return 0, io.EOF
	}
	n, err := s.ReadAt(p[:min(int64(len(p)), s.size-s.at)], s.at)
	s.at += int64(n)
	return n, err
}

// Seek implements io.Seeker.
func (s *source) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	s.at = offset
	return offset, nil
}

// ReadAt implements io.ReaderAt.
func (s *source) ReadAt(p []byte, offset int64) (n int, err error) {
	for n < len(p) {
		if offset+int64(n) >= s.size {
			return n, io.EOF
		}
		// What is larger than a block is not kept: it is read once.
		if want := p[n:min(int64(len(p)), s.size-offset)]; len(want) >= blockBytes {
			if err := s.fill(want, offset+int64(n)); err != nil {
				return n, err
			}
			n += len(want)
			continue
		}
		b, err := s.block(offset + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], b.bytes[offset+int64(n)-b.offset:])
	}
	return n, nil
}

// block returns the block with an offset.
func (s *source) block(offset int64) (block, error) {
	start := offset / blockBytes * blockBytes
	for i, b := range s.blocks {
		if b.offset == start {
			copy(s.blocks[1:i+1], s.blocks[:i])
			s.blocks[0] = b
			return b, nil
		}
	}
	b := block{offset: start}
	size := int(min(blockBytes, s.size-start))
	if len(s.blocks) == keptBlocks {
		if last := s.blocks[keptBlocks-1].bytes; cap(last) >= size {
			b.bytes = last[:size]
		}
		s.blocks = s.blocks[:keptBlocks-1]
	}
	if b.bytes == nil {
		b.bytes = make([]byte, size)
	}
	if err := s.fill(b.bytes, start); err != nil {
		return block{}, err
	}
	s.blocks = append([]block{b}, s.blocks...)
	return b, nil
}

func (s *source) fill(p []byte, offset int64) error {
	err := s.content.fill(s.ctx, p, offset)
	if err != nil {
		s.failed = err
	}
	return err
}

// isReadOnly reports whether a temporary file could not be written.
func isReadOnly(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOENT)
}

// shown returns a name for messages: without identifiers of people, and not too long.
func shown(name string) string {
	const most = 120
	if name = mask.Name(name); len(name) > most {
		return "…" + name[len(name)-most:]
	}
	return name
}
