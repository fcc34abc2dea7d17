// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
)

var errUTF32 = errors.New("the file is text in UTF-32: convert it to UTF-8, for example by iconv")

// text returns the file as UTF-8 without a byte-order mark, with lines that end in a line feed. A byte-order mark takes precedence over the encoding
// that the user set. Bytes that are not UTF-8 are kept, so that their record is refused, unless the whole file is in another encoding.
func (f *File) text(r *bufio.Reader, head []byte, o Options) (*bufio.Reader, error) {
	var plain io.Reader
	order, bare := utf16Without(head)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return nil, errUTF32
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		f.note("text in UTF-16")
		f.encoding = "UTF-16"
		plain = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r)
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.Discard(3) // already peeked
		plain = &watch{r: r, look: f.isUTF8}
	case bare:
		f.note("text in UTF-16 without a byte-order mark")
		f.encoding = "UTF-16"
		plain = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case o.Encoding != "" && o.EitherEncoding:
		var err error
		if plain, err = f.either(r, o.Encoding); err != nil {
			return nil, err
		}
	case o.Encoding != "":
		var err error
		if plain, err = f.declared(r, o.Encoding); err != nil {
			return nil, err
		}
	default:
		plain = &watch{r: r, look: f.isUTF8}
	}
	out := bufio.NewReaderSize(plain, peekBytes)
	head, err := peek(out)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		out = bufio.NewReaderSize(&lineFeeds{out}, peekBytes)
	}
	return out, nil
}

// utf16Without detects UTF-16 without a byte-order mark: every second byte of mostly ASCII text is zero, and UTF-8 text has no zeros.
func utf16Without(head []byte) (unicode.Endianness, bool) {
	n := min(len(head), 512) &^ 1
	if n < 8 {
		return unicode.LittleEndian, false
	}
	var zeros [2]int
	for i, b := range head[:n] {
		if b == 0 {
			zeros[i&1]++
		}
	}
	switch {
	case zeros[1] > n/4 && zeros[0] == 0:
		return unicode.LittleEndian, true
	case zeros[0] > n/4 && zeros[1] == 0:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// lineFeeds converts the line ends of old Macs, and of some spreadsheets, to line feeds.
type lineFeeds struct{ r io.Reader }

// Read implements io.Reader.
func (l *lineFeeds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
