// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var errUTF32 = errors.New("the file is text in UTF-32: convert it to UTF-8, for example by iconv")

// text gives the file as UTF-8 without a byte-order mark, and lines that end in a line feed. Bytes that are no UTF-8 stay, for the
// record that has them to be refused, unless the file is in another encoding as a whole.
func (f *File) text(r *bufio.Reader, head []byte) (*bufio.Reader, error) {
	var plain io.Reader
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		return nil, errUTF32
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		f.note("text in UTF-16")
		plain = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r)
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.Discard(3) // It was peeked at.
		plain = f.eightBit(r)
	default:
		if order, ok := utf16Without(head); ok {
			f.note("text in UTF-16 without a byte-order mark")
			plain = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Reader(r)
			break
		}
		plain = f.eightBit(r)
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

// eightBit reads UTF-8, or Windows-1252, which the first byte beyond ASCII decides: spreadsheets in western Europe write it.
func (f *File) eightBit(r *bufio.Reader) io.Reader { return &eightBit{file: f, r: r} }

type eightBit struct {
	file *File
	r    *bufio.Reader
	// decided is nil until a byte beyond ASCII was seen.
	decided io.Reader
}

// Read implements io.Reader.
func (e *eightBit) Read(p []byte) (int, error) {
	if e.decided != nil {
		return e.decided.Read(p)
	}
	head, err := e.r.Peek(peekBytes)
	if len(head) == 0 {
		return 0, err
	}
	ascii := bytes.IndexFunc(head, func(c rune) bool { return c >= utf8.RuneSelf })
	switch {
	case ascii < 0:
		return e.r.Read(p[:min(len(p), len(head))])
	case ascii > 0:
		return e.r.Read(p[:min(len(p), ascii)])
	}
	e.decided = e.r
	if windows1252(head) {
		e.file.note("no UTF-8: read as Windows-1252")
		e.decided = charmap.Windows1252.NewDecoder().Reader(e.r)
	}
	return e.decided.Read(p)
}

// windows1252 tells whether text is in Windows-1252 rather than in damaged UTF-8 or in an encoding of another script: none of its bytes make up
// a character of UTF-8, all of them have a meaning, and they stand alone between letters, as umlauts and accents do.
func windows1252(text []byte) bool {
	alone, in := 0, 0
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRune(text[i:])
		switch {
		case c != utf8.RuneError:
			if size > 1 {
				return false
			}
		case !utf8.FullRune(text[i:]) && len(text)-i < utf8.UTFMax && len(text) == peekBytes:
			return alone > in // cut off at the end of what was looked at
		case bytes.IndexByte([]byte{0x81, 0x8d, 0x8f, 0x90, 0x9d}, text[i]) >= 0:
			return false
		case i > 0 && text[i-1] >= utf8.RuneSelf:
			in++
		default:
			alone++
		}
		i += size
	}
	return alone > 4*in
}
