// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// InspectScan returns a reader of the stream of a scan for Arrow's reader. It inspects the metadata of each message first, and returns an error instead
// of a message that claims a body of more than limit bytes, or more than its body has.
func InspectScan(stream io.Reader, limit int64) io.Reader {
	return &inspected{stream: stream, limit: limit, first: true}
}

type inspected struct {
	stream io.Reader
	limit  int64
	first  bool
	// head is the rest of the inspected beginning of a message, and body the number of bytes that follow it.
	head bytes.Reader
	body int64
}

func (s *inspected) Read(p []byte) (int, error) {
	if s.head.Len() == 0 && s.body == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	if s.head.Len() > 0 {
		return s.head.Read(p)
	}
	n, err := s.stream.Read(p[:min(int64(len(p)), s.body)])
	s.body -= int64(n)
	return n, err
}

// next reads the beginning of a message: a mark, the length of the metadata, and the metadata. The end of a stream is a message without metadata.
func (s *inspected) next() (err error) {
	defer func() {
		// Offsets outside the metadata end here.
		if p := recover(); p != nil {
			err = errStream
		}
	}()
	head := make([]byte, 8)
	if _, err := io.ReadFull(s.stream, head); err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(head[4:]))
	if binary.LittleEndian.Uint32(head) != 0xffffffff {
		return errStream
	}
	if length > maxMetadata {
		return fmt.Errorf("a message has metadata of %d bytes, over %d", length, maxMetadata)
	}
	if length > 0 {
		head = append(head, make([]byte, length)...)
		if _, err := io.ReadFull(s.stream, head[8:]); err != nil {
			return errStream
		}
		if s.body, err = inspectMessage(head[8:], s.first, s.limit, true); err != nil {
			return err
		}
		s.first = false
	}
	s.head.Reset(head)
	return nil
}
