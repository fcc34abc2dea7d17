// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Bytes do not reveal which eight-bit encoding they are in: 0xb3 is a Polish letter in one, a mathematical sign in another. Text that is not UTF-8 is
// therefore refused until an encoding is set. The message shows how the text would look in other encodings.

// writeUTF8 is the fix. Whoever imports a file has no flag for its encoding.
func (f *File) writeUTF8() string {
	if f.ofSource {
		return "Save the file as UTF-8, or set spec.transport.files.encoding"
	}
	return "Save the file as UTF-8, or set --encoding"
}

// encodingError means that a file is in a different encoding from the one that it is read in.
type encodingError string

// Error implements error.
func (e encodingError) Error() string { return string(e) }

// CheckEncoding returns an error if there is no encoding with that name.
func CheckEncoding(name string) error {
	_, _, err := encodingOf(name)
	return err
}

// encodingOf returns the encoding with a name from the web or IANA, and its preferred name.
func encodingOf(name string) (encoding.Encoding, string, error) {
	name = strings.TrimSpace(name)
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		usual, err := htmlindex.Name(e)
		return e, usual, err
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		usual, err := ianaindex.IANA.Name(e)
		return e, usual, err
	}
	return nil, "", fmt.Errorf("unknown encoding %q: use one such as utf-8, windows-1252, windows-1250, iso-8859-15, macintosh, shift_jis or gbk",
		name)
}

// declared reads text in the encoding that the user set. It refuses text that is UTF-8 nevertheless, because any other encoding would corrupt it.
func (f *File) declared(r *bufio.Reader, name string) (io.Reader, error) {
	e, usual, err := encodingOf(name)
	switch {
	case err != nil:
		return nil, err
	case usual == "utf-8":
		return &watch{r: r, look: f.isUTF8}, nil
	}
	f.encoding = usual
	f.note("read as %s, as requested", usual)
	return e.NewDecoder().Reader(&watch{r: r, look: func(text []byte, line, column int) error {
		if s := survey(text); s.valid > 0 && s.invalid == 0 && !strings.HasPrefix(usual, "utf-16") {
			return encodingError(fmt.Sprintf("the text is UTF-8 and not %s: line %d, column %d is %q in UTF-8. Leave out --encoding for this file",
				usual, line, column, string(s.letters[:1])))
		}
		return nil
	}}), nil
}

// isUTF8 refuses a file that is in another encoding: bytes beyond ASCII are not UTF-8, in the header or on several lines. Otherwise a damaged line is
// refused by itself.
func (f *File) isUTF8(text []byte, line, column int) error {
	s := survey(text)
	if s.invalid <= s.valid || line > 1 && (s.bad < 2 || s.bad*100 < s.lines) {
		return nil
	}
	return encodingError(fmt.Sprintf("the text is not UTF-8: line %d, column %d is the byte 0x%02x. %s%s", line, column, text[0], f.writeUTF8(), readings(text)))
}

// surveyed counts what is beyond ASCII in a text.
type surveyed struct {
	// valid counts UTF-8 characters, invalid bytes that are not UTF-8.
	valid, invalid int
	// lines with bytes beyond ASCII, and bad: those with bytes that are not UTF-8.
	lines, bad int
	letters    []rune
}

func survey(text []byte) surveyed {
	s := surveyed{lines: 1}
	last := 0
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRune(text[i:])
		switch {
		case c == '\n':
			s.lines++
		case c == utf8.RuneError && size == 1:
			if !utf8.FullRune(text[i:]) {
				return s // cut off at the end of the examined part
			}
			s.invalid++
			if last != s.lines {
				s.bad, last = s.bad+1, s.lines
			}
		case size > 1:
			s.valid++
			s.letters = append(s.letters, c)
		}
		i += size
	}
	return s
}

// candidates are the encodings of files in practice, the most common ones first.
var candidates = []string{
	"windows-1252", "windows-1250", "windows-1251", "iso-8859-2", "iso-8859-15", "macintosh", "koi8-r", "shift_jis", "gbk", "big5", "euc-kr", "IBM850",
}

const (
	// maxReadings is the number of decodings that are shown.
	maxReadings = 4
	// maxLetters is the number of letters of each: enough to recognise the language, too few to identify somebody.
	maxLetters = 6
	// readBytes is the length of the text that is decoded.
	readBytes = 4096
)

// readings shows the letters beyond ASCII of a text in other encodings. People see at once which one is right.
func readings(text []byte) string {
	names := map[string][]string{}
	var order []string
	for _, name := range candidates {
		e, usual, err := encodingOf(name)
		if err != nil {
			continue
		}
		letters := lettersOf(e, text[:min(len(text), readBytes)])
		if letters == "" {
			continue
		}
		if names[letters] == nil {
			order = append(order, letters)
		}
		names[letters] = append(names[letters], usual)
	}
	var out []string
	for _, letters := range order[:min(len(order), maxReadings)] {
		out = append(out, fmt.Sprintf("%q in %s", letters, strings.Join(names[letters], ", ")))
	}
	if len(out) == 0 {
		return ""
	}
	return ". The characters beyond ASCII start with " + strings.Join(out, "; ")
}

// lettersOf returns the first few letters beyond ASCII. It returns none if the text is invalid in the encoding.
func lettersOf(e encoding.Encoding, text []byte) string {
	plain, _ := e.NewDecoder().Bytes(text) // Bytes that cannot be decoded become U+FFFD.
	var out []rune
	for _, c := range string(bytes.TrimSuffix(plain, []byte("\ufffd"))) {
		switch {
		case c < utf8.RuneSelf || slices.Contains(out, c) || len(out) == maxLetters:
		case c == utf8.RuneError || !unicode.IsGraphic(c):
			return ""
		case unicode.IsLetter(c):
			out = append(out, c)
		case len(out) == 0: // A letter decodes to a sign in the wrong encoding.
			return ""
		}
	}
	return string(out)
}

// lost describes a text that is not in the encoding in which it is read.
func (f *File) lost(text string) string {
	if f.encoding != "" {
		return "has characters that do not exist in " + f.encoding
	}
	for i := range len(text) {
		if c, size := utf8.DecodeRuneInString(text[i:]); c == utf8.RuneError && size == 1 && text[i] >= utf8.RuneSelf {
			return fmt.Sprintf("is not UTF-8: it has the byte 0x%02x. %s", text[i], f.writeUTF8())
		}
	}
	return "is not UTF-8"
}

// intact reports whether a text was decoded without loss.
func (f *File) intact(text string) bool {
	return utf8.ValidString(text) && (f.encoding == "" || !strings.ContainsRune(text, utf8.RuneError))
}

// watch forwards a text, and checks once what follows its first byte beyond ASCII.
type watch struct {
	r    *bufio.Reader
	look func(text []byte, line, column int) error
	seen bool
	// lines and column count what was forwarded.
	lines, column int
}

// Read implements io.Reader.
func (w *watch) Read(p []byte) (int, error) {
	if w.seen || len(p) == 0 {
		return w.r.Read(p)
	}
	head, err := w.r.Peek(peekBytes)
	if len(head) == 0 {
		return 0, err
	}
	n := 0
	for n < len(head) && head[n] < utf8.RuneSelf {
		n++
	}
	if n == 0 {
		w.seen = true
		if err := w.look(head, w.lines+1, w.column+1); err != nil {
			return 0, err
		}
		return w.r.Read(p)
	}
	n, err = w.r.Read(p[:min(len(p), n)])
	w.lines += bytes.Count(p[:n], []byte("\n"))
	if i := bytes.LastIndexByte(p[:n], '\n'); i >= 0 {
		w.column = n - i - 1
	} else {
		w.column += n
	}
	return n, err
}
