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

// text returns the file as UTF-8 without a byte-order mark, and lines that end in a line feed. A mark says more than the encoding that was
// told. Bytes that are no UTF-8 stay, for the record that has them to be refused, unless the file is in another encoding as a whole.
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
		_, _ = r.Discard(3) // It was peeked at.
		plain = &watch{r: r, look: f.isUTF8}
	case bare:
		f.note("text in UTF-16 without a byte-order mark")
		f.encoding = "UTF-16"
		plain = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case o.Encoding != "":
		var err error
		if plain, err = f.told(r, o.Encoding); err != nil {
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

// utf16Without tells UTF-16 without a mark: every second byte of what is mostly ASCII is zero, and text in UTF-8 has no zeros.
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

// lineFeeds turns the line ends of old Macs, and of some spreadsheets, into those of everybody else.
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
