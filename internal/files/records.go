// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

// records reads the records of a table as RFC 4180 has them, with any separator. A quote that is never closed costs the line on which it
// stands: encoding/csv would take the rest of the file for one cell.
type records struct {
	lines     lines
	separator byte
	// columns is the number of cells that a record has to have; 0 while any will do.
	columns int
	// again are the lines that were read as parts of a broken record and are records of their own.
	again []line
	// ended says that the file has no further lines.
	ended bool
}

// line of the file with its number.
type line struct {
	text string
	n    int
	long bool
}

// record of a table.
type record struct {
	line  int
	cells []string
	bad   *reject.Rejection
}

// next gives the next record that is not empty; the last error is io.EOF.
func (r *records) next() (record, error) {
	for {
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

// line gives the next line, those first that were read before.
func (r *records) line() (line, error) {
	if len(r.again) > 0 {
		next := r.again[0]
		r.again = r.again[1:]
		return next, nil
	}
	if r.ended {
		return line{}, io.EOF
	}
	text, long, err := r.lines.next()
	if err != nil {
		r.ended = errors.Is(err, io.EOF)
		return line{}, err
	}
	return line{text: string(text), n: r.lines.n, long: long}, nil
}

// cells reads the cells of the record that begins with a line, and the further lines that quoted cells reach over. A record that is
// broken costs its first line: what follows is read again.
func (r *records) cells(first line) ([]string, *reject.Rejection, error) {
	p := parser{separator: r.separator}
	var used []line
	size := len(first.text)
	p.add(first.text)
	for p.open() {
		next, err := r.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, nil, err
		}
		if err == nil {
			used = append(used, next)
		}
		size += len(next.text)
		if err != nil || next.long || size > maxRecord {
			r.again = append(used, r.again...)
			return nil, reject.New(reject.BadRow, "", "a quote is opened and never closed"), nil
		}
		p.add(next.text)
	}
	p.endCell()
	if fault := r.fault(&p); fault != nil {
		r.again = append(used, r.again...)
		return nil, fault, nil
	}
	return p.cells, nil, nil
}

func (r *records) fault(p *parser) *reject.Rejection {
	if p.stray {
		return reject.New(reject.BadRow, "", `text follows a closing quote: a quote inside a quoted cell is written twice, as ""`)
	}
	if r.columns == 0 {
		return nil
	}
	for len(p.cells) > r.columns && p.cells[len(p.cells)-1] == "" {
		p.cells = p.cells[:len(p.cells)-1]
	}
	if len(p.cells) != r.columns {
		return reject.New(reject.BadRow, "", fmt.Sprintf("the row has %d cells, but there are %d columns", len(p.cells), r.columns))
	}
	return nil
}

// parser takes a record apart. A cell is quoted when it begins with a quote, after blanks at most.
type parser struct {
	separator byte
	cells     []string
	cell      strings.Builder
	state     int
	// stray tells that text followed a closing quote.
	stray bool
}

const (
	atStart = iota
	inPlain
	inQuotes
	afterQuote
)

// open tells whether a quoted cell goes on in the next line.
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

// endCell ends a cell. Blanks around one that is not quoted are no part of it.
func (p *parser) endCell() {
	text := p.cell.String()
	if p.state != afterQuote {
		text = strings.TrimSpace(text)
	}
	p.cells = append(p.cells, text)
	p.cell.Reset()
	p.state = atStart
}
