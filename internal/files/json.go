// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Limits of one document. They equal those of ingestion.
const (
	maxDepth  = 32
	maxTokens = 500_000
)

// wrappers are the names that tools give to the list that contains all rows.
var wrappers = []string{"events", "data", "results", "records", "rows", "items", "batch"}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

// json chooses how to split a file into documents. If the first line is one document, it splits by lines, so that a broken document does not affect
// the others. Otherwise it splits by brackets.
func (f *File) json(r *bufio.Reader, head []byte, o Options) {
	skip := len(head) - len(bytes.TrimLeft(head, " \t\r\n"))
	first, rest, _ := bytes.Cut(head[skip:], []byte("\n"))
	first = bytes.TrimSpace(first)
	alone := len(bytes.TrimSpace(rest)) == 0
	if name, at := wrapper(head[skip:], false); name != "" && !o.Whole && (alone || !json.Valid(first)) {
		f.note("the rows are the elements of %q", name)
		f.each = (&documents{file: f, r: r, line: 1, skip: skip + at, inList: true, page: name}).each
		return
	}
	switch last := first[len(first)-1]; {
	case first[0] == '[':
		f.each = (&documents{file: f, r: r, line: 1, skip: skip + 1, lists: true, inList: true}).each
	case !json.Valid(first) && followed(first), !json.Valid(first) && !alone && (last == '{' || last == '[' || last == ','):
		f.each = (&documents{file: f, r: r, line: 1}).each
	default:
		f.each = func(take func(Row) error) error { return f.eachLine(r, take) }
	}
}

// followed reports whether another document follows the first one in its line, as in files of services that collect events.
func followed(line []byte) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	var first json.RawMessage
	if d.Decode(&first) != nil {
		return false
	}
	rest := bytes.TrimSpace(line[d.InputOffset():])
	return len(rest) > 0 && rest[0] == '{'
}

// wrapper returns the name of the list that contains all rows, and where its elements start, or an empty text. The list of a later page can be empty.
func wrapper(head []byte, later bool) (name string, at int) {
	depth, key := 0, ""
	for i := 0; i < len(head); i++ {
		switch c := head[i]; c {
		case '"':
			end := stringEnd(head, i)
			if end < 0 {
				return "", 0
			}
			if depth == 1 {
				key = string(head[i+1 : end])
			}
			i = end
		case '{', '[':
			if c == '[' && depth == 1 && slices.Contains(wrappers, key) {
				after := bytes.TrimLeft(head[i+1:], " \t\r\n")
				if len(after) > 0 && (after[0] == '{' || later && after[0] == ']') {
					return key, i + 1
				}
			}
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return "", 0
			}
		}
	}
	return "", 0
}

// stringEnd returns the index of the quote that ends the text that starts at i, or -1.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// eachLine reads one document per line and skips empty lines.
func (f *File) eachLine(r *bufio.Reader, take func(Row) error) error {
	l := lines{r: r}
	for {
		line, long, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		row := bad(l.n, reject.FieldTooLong, "the line has more than %d bytes", maxRecord)
		if !long {
			if len(line) == 0 {
				continue
			}
			row = f.document(line, l.n)
		}
		if err := take(row); err != nil {
			return err
		}
	}
}

// documents splits documents by their brackets.
type documents struct {
	file *File
	r    *bufio.Reader
	line int
	// skip is the number of bytes before the first document.
	skip int
	// lists is set if the documents are the elements of lists, and inList inside one. If the list is a field of an object, page is its name, and
	// rest is set after the list, until the object ends. Files can have several such pages.
	lists, inList, rest bool
	page                string

	buf             []byte
	depth           int
	inText, escaped bool
	long            bool
	begin           int
}

func (d *documents) each(take func(Row) error) error {
	for n := 0; ; n++ {
		c, err := d.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return d.end(take)
		}
		if err != nil {
			return unreadable(err)
		}
		if c == '\n' {
			d.line++
		}
		if n < d.skip || d.around(c) || !d.add(c) {
			continue
		}
		if err := take(d.take()); err != nil {
			return err
		}
	}
}

// around reports whether a byte belongs to what is around the documents.
func (d *documents) around(c byte) bool {
	switch {
	case d.rest:
		d.nest(c)
		d.rest = d.depth > 0
	case len(d.buf) > 0 || d.depth > 0 || d.long:
		return false
	case d.inList && c == ']':
		d.inList = false
		if d.page != "" {
			d.rest, d.depth = true, 1
		}
	case d.inList:
		return false
	case c == '[' && d.lists:
		d.inList = true
	case c == '{' && d.page != "":
		return d.nextPage()
	default:
		return false
	}
	return true
}

// nextPage goes to the list of another page. A document that has no such list is left to be refused.
func (d *documents) nextPage() bool {
	_ = d.r.UnreadByte() // It was just read.
	head, _ := d.r.Peek(peekBytes)
	name, at := wrapper(head, true)
	if name != d.page {
		at = 1
	}
	d.line += bytes.Count(head[:at], []byte("\n"))
	_, _ = d.r.Discard(at) // It was peeked.
	d.inList = name == d.page
	return d.inList
}

// add adds a byte and reports whether a document is complete.
func (d *documents) add(c byte) bool {
	if len(d.buf) == 0 && d.depth == 0 && !d.long {
		if between(c) {
			return false
		}
		d.begin = d.line
	}
	if len(d.buf) < maxRecord {
		d.buf = append(d.buf, c)
	} else {
		d.long = true
	}
	return d.nest(c)
}

// nest follows the nesting, and reports whether a document is complete.
func (d *documents) nest(c byte) bool {
	switch {
	case d.escaped:
		d.escaped = false
	case d.inText:
		d.escaped, d.inText = c == '\\', c != '"'
	case c == '"':
		d.inText = true
	case c == '{' || c == '[':
		d.depth++
	case c == '}' || c == ']':
		d.depth--
		d.inList = d.inList && d.depth >= 0
		return d.depth <= 0
	case d.depth == 0: // A bare word or number ends with its line, or before the next element.
		return c == '\n'
	}
	return false
}

// between reports whether a byte separates documents.
func between(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' }

// take returns the completed document and prepares for the next one.
func (d *documents) take() Row {
	row := bad(d.begin, reject.FieldTooLong, "the document has more than %d bytes", maxRecord)
	switch {
	case d.long:
	case d.page != "" && !d.inList:
		row = bad(d.begin, reject.BadJSON, "it follows the list %q, and has no such list at its beginning: write one document a line", d.page)
	default:
		row = d.file.document(bytes.TrimSpace(d.buf), d.begin)
	}
	d.buf, d.depth, d.inText, d.long = d.buf[:0], 0, false, false
	return row
}

// end handles what is after the last complete document.
func (d *documents) end(take func(Row) error) error {
	switch {
	case d.rest, d.inList && len(bytes.TrimSpace(d.buf)) == 0 && !d.long:
		return take(bad(d.line, reject.BadJSON, "the list is not complete: the file ends inside it"))
	case len(bytes.TrimSpace(d.buf)) == 0 && !d.long:
		return nil
	}
	return take(bad(d.begin, reject.BadJSON, "the document is not complete: the file ends inside it"))
}

// document decodes one JSON object.
func (f *File) document(raw []byte, line int) Row {
	switch {
	case !utf8.Valid(raw), f.encoding != "" && !f.intact(string(raw)):
		return bad(line, reject.BadJSON, "the text %s", f.lost(string(raw)))
	case value.CheckJSON(raw, maxDepth, maxTokens) != nil:
		return bad(line, reject.TooDeep, "the document has more than %d levels or %d values", maxDepth, maxTokens)
	}
	v, err := value.Decode(raw)
	if err != nil {
		return bad(line, reject.BadJSON, "%s", whyNotJSON(raw))
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return bad(line, reject.BadJSON, "it is not a JSON object")
	}
	if name, ok := doubled(raw, len(fields)); ok {
		return bad(line, reject.BadJSON, "the field %q appears twice", mask.Name(name))
	}
	return Row{Line: line, Values: fields}
}

// whyNotJSON describes what is wrong with a document.
func whyNotJSON(raw []byte) string {
	var v any
	err := json.Unmarshal(raw, &v)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("invalid JSON: %s, at byte %d of the document", syntax.Error(), syntax.Offset)
	case err != nil:
		return "invalid JSON: " + err.Error()
	}
	return "a number is too large or too long to be kept"
}

// doubled returns a field that an object has twice. A decoder would silently use the last one.
func doubled(raw []byte, fields int) (string, bool) {
	n := 0
	for range value.Fields(raw) {
		n++
	}
	if n == fields {
		return "", false
	}
	seen := map[string]bool{}
	for name := range value.Fields(raw) {
		if seen[string(name)] {
			return string(name), true
		}
		seen[string(name)] = true
	}
	return "", false
}
