// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// records reads the records of a table as defined in RFC 4180, with any separator. A quote that is never closed invalidates only its line;
// encoding/csv would read the rest of the file as one cell.
type records struct {
	lines     lines
	separator byte
	// columns is the number of cells that a record must have; 0 for any number.
	columns int
	// read holds lines that were read. Those from at on are still to be parsed, because a broken record returns all its lines except the first.
	read []line
	at   int
	// again is the number of bytes that broken records returned.
	again int64
	// ended is set at the end of the file.
	ended bool
}

// maxAgain limits the bytes that are read more than once: this many, plus as many again for each byte of the file.
const (
	maxAgain       = 64 << 20
	maxAgainOfByte = 4
)

// line is a line of the file with its number.
type line struct {
	text string
	n    int
	long bool
}

// record is a record of a table. A bad one has cells if only their number is wrong.
type record struct {
	line  int
	cells []string
	bad   *reject.Rejection
}

// next returns the next nonempty record. The last error is io.EOF.
func (r *records) next() (record, error) {
	for {
		r.taken()
		first, err := r.line()
		if err != nil {
			return record{}, err
		}
		out := record{line: first.n}
		if first.long {
			out.bad = reject.New(reject.FieldTooLong, "", fmt.Sprintf("the line has more than %d bytes", maxRecord))
			return out, nil
		}
		if strings.Trim(first.text, " \t\r\n") == "" {
			continue
		}
		out.cells, out.bad, err = r.cells(first)
		return out, err
	}
}

// line returns the next line, starting with those that were returned.
func (r *records) line() (line, error) {
	if r.at == len(r.read) {
		if err := r.more(); err != nil {
			return line{}, err
		}
	}
	next := r.read[r.at]
	r.at++
	return next, nil
}

// more reads one more line.
func (r *records) more() error {
	if r.ended {
		return io.EOF
	}
	text, long, err := r.lines.next()
	if err != nil {
		r.ended = errors.Is(err, io.EOF)
		return err
	}
	r.read = append(r.read, line{text: string(text), n: r.lines.n, long: long})
	return nil
}

// taken drops the lines that can no longer be returned.
func (r *records) taken() {
	switch {
	case r.at == len(r.read):
		r.read, r.at = r.read[:0], 0
	case r.at > len(r.read)/2: // each line is moved at most once
		r.read, r.at = append(r.read[:0], r.read[r.at:]...), 0
	}
}

// cells reads the cells of the record that starts with a line, and the further lines that its quoted cells extend over. A broken record loses only
// its first line: the rest is read again.
func (r *records) cells(first line) ([]string, *reject.Rejection, error) {
	p := parser{separator: r.separator}
	begin, size := r.at, len(first.text)
	p.add(first.text)
	for p.open() && !p.stray && !r.hopeless(&p) {
		next, err := r.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		size += len(next.text)
		if err != nil || next.long || size > maxRecord {
			return nil, reject.New(reject.BadRow, "", "a quote is opened and never closed"), r.back(begin, size)
		}
		p.add(next.text)
		if p.stray {
			stray := fmt.Sprintf("a quote is opened and never closed: the next one, in line %d, has text after it", next.n)
			return nil, reject.New(reject.BadRow, "", stray), r.back(begin, size)
		}
	}
	p.endCell()
	if fault := r.fault(&p); fault != nil {
		cells := p.cells
		if p.stray || p.bare {
			cells = nil // They are not known.
		}
		return cells, fault, r.back(begin, size)
	}
	return p.cells, nil, nil
}

// hopeless reports whether a record has too many cells no matter how it continues, so that reading on is useless.
func (r *records) hopeless(p *parser) bool {
	return r.columns > 0 && len(p.cells) > r.columns && p.cells[len(p.cells)-1] != ""
}

// back returns all lines of a broken record except its first. If that happens too often, the file as a whole is refused, because reading it would never end.
func (r *records) back(begin, size int) error {
	if r.at > begin {
		r.again += int64(size)
	}
	if r.again > maxAgain+maxAgainOfByte*r.lines.bytes {
		return fmt.Errorf("too many quotes are opened and not closed, up to line %d: a quote inside a cell is written twice, between quotes", r.lines.n)
	}
	r.at = begin
	return nil
}

func (r *records) fault(p *parser) *reject.Rejection {
	if p.stray {
		return reject.New(reject.BadRow, "", `text follows a closing quote: a quote inside a quoted cell is written twice, as ""`)
	}
	if p.bare {
		return reject.New(reject.BadRow, "", "the line contains a carriage return: the line ends of the file are mixed, write all as line feeds")
	}
	if r.columns == 0 {
		return nil
	}
	for len(p.cells) > r.columns && p.cells[len(p.cells)-1] == "" {
		p.cells = p.cells[:len(p.cells)-1]
	}
	if len(p.cells) != r.columns {
		return reject.New(reject.BadRow, "", fmt.Sprintf("the row has %s, but there are %d columns", value.Counted(len(p.cells), "cell"), r.columns))
	}
	return nil
}

// parser splits a record into cells. A cell is quoted if it starts with a quote, optionally after blanks.
type parser struct {
	separator byte
	cells     []string
	cell      strings.Builder
	state     int
	// stray is set if text followed a closing quote.
	stray bool
	// bare is set if there is a carriage return outside quotes that is not at the end of the line.
	bare bool
}

const (
	atStart = iota
	inPlain
	inQuotes
	afterQuote
)

// open reports whether a quoted cell continues in the next line.
func (p *parser) open() bool { return p.state == inQuotes }

func (p *parser) add(text string) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case p.state == inQuotes:
			if c != '"' {
				p.cell.WriteByte(c)
				continue
			}
			if i+1 < len(text) && text[i+1] == '"' {
				p.cell.WriteByte('"')
				i++
				continue
			}
			p.state = afterQuote
		case c == p.separator:
			p.endCell()
		case c == '\r' || c == '\n':
			if strings.Trim(text[i:], "\r\n") != "" {
				p.bare = true
				p.plain(c)
			}
		case p.state == atStart && c == '"':
			p.cell.Reset()
			p.state = inQuotes
		case p.state == afterQuote && (c == ' ' || c == '\t'):
		default:
			p.plain(c)
		}
	}
}

func (p *parser) plain(c byte) {
	p.stray = p.stray || p.state == afterQuote
	p.cell.WriteByte(c)
	if c != ' ' && c != '\t' {
		p.state = inPlain
	}
}

// endCell ends a cell. It trims blanks around unquoted cells.
func (p *parser) endCell() {
	text := p.cell.String()
	if p.state != afterQuote {
		text = strings.TrimSpace(text)
	}
	p.cells = append(p.cells, text)
	p.cell.Reset()
	p.state = atStart
}
