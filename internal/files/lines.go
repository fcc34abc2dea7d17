// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"errors"
	"io"
)

// lines reads lines and counts them.
type lines struct {
	r *bufio.Reader
	// n is the number of the line that next returned last, from 1.
	n int
	// bytes is the number of bytes that were read.
	bytes int64
	buf   []byte
}

// next returns the next line with its end. It is valid until the next call. long is set if the line has more than maxRecord bytes and was skipped.
// The last error is io.EOF.
func (l *lines) next() (line []byte, long bool, err error) {
	l.n++
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.bytes += int64(len(part))
		if len(l.buf)+len(part) > maxRecord {
			long = true
		}
		if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && (len(l.buf) > 0 || long), err == nil:
			if long {
				return nil, true, nil
			}
			return l.buf, false, nil
		case errors.Is(err, io.EOF):
			return nil, false, io.EOF
		default:
			return nil, false, unreadable(err)
		}
	}
}
