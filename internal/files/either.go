// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// either reads text as UTF-8 if it is UTF-8, and otherwise in the declared encoding. The first bytes beyond ASCII decide: until then, both are equal.
// UTF-8 with some damaged bytes is UTF-8, so that they cost their records: no other encoding looks mostly like it.
type either struct {
	file *File
	r    *bufio.Reader
	e    encoding.Encoding
	name string
	// chosen reads the rest once it is decided.
	chosen io.Reader
}

// either returns a reader of text whose encoding is declared for files that are not UTF-8.
func (f *File) either(r *bufio.Reader, name string) (io.Reader, error) {
	e, usual, err := encodingOf(name)
	if err != nil || usual == "utf-8" || strings.HasPrefix(usual, "utf-16") || strings.HasPrefix(usual, "iso-2022") {
		return f.declared(r, name)
	}
	return &either{file: f, r: r, e: e, name: usual}, nil
}

// Read implements io.Reader.
func (e *either) Read(p []byte) (int, error) {
	if e.chosen != nil || len(p) == 0 {
		return e.rest(p)
	}
	head, err := e.r.Peek(peekBytes)
	if len(head) == 0 {
		return 0, err
	}
	n := 0
	for n < len(head) && head[n] < utf8.RuneSelf {
		n++
	}
	if n > 0 {
		return e.r.Read(p[:min(len(p), n)])
	}
	e.chosen = e.r
	if s := survey(head); s.valid == 0 || s.invalid > s.valid {
		e.file.encoding = e.name
		e.file.note("read as %s, because it is not UTF-8", e.name)
		e.chosen = e.e.NewDecoder().Reader(e.r)
	}
	return e.rest(p)
}

func (e *either) rest(p []byte) (int, error) {
	if e.chosen == nil {
		return 0, nil
	}
	return e.chosen.Read(p)
}
