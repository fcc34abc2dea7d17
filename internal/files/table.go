// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/journeyman-dev/journeyman/internal/reject"
)

// separators of cells that are looked for, the most usual one first.
var separators = []byte{',', ';', '\t', '|'}

var separatorNames = map[byte]string{';': "semicolons", '\t': "tabs", '|': "vertical bars"}

var errNoHeader = errors.New("the file is empty: a table begins with a line that names its columns")

// table reads the header; the rows follow with each.
func (f *File) table(r *bufio.Reader, head []byte) error {
	t := &tableReader{file: f, records: records{lines: lines{r: r}, separator: ','}}
	if s, ok := excelSeparator(head); ok {
		t.records.separator = s
		if _, _, err := t.records.lines.next(); err != nil {
			return err
		}
	} else {
		t.records.separator = separatorOf(head)
	}
	if name := separatorNames[t.records.separator]; name != "" {
		f.note("cells are separated by %s", name)
	}
	header, err := t.records.next()
	switch {
	case errors.Is(err, io.EOF):
		return errNoHeader
	case err != nil:
		return err
	case header.bad != nil:
		return fmt.Errorf("the line that names the columns: %s", header.bad.Message)
	}
	f.Commas = t.records.separator == ';' || t.records.separator == '\t'
	f.each = t.each
	if f.Columns, err = f.names(header.cells); err != nil {
		return err
	}
	t.records.columns = len(f.Columns)
	for _, name := range f.Columns {
		if !utf8.ValidString(name) {
			return errors.New("the line that names the columns is no text in UTF-8, UTF-16 or Windows-1252: convert the file to UTF-8, for example by iconv")
		}
	}
	return nil
}

// names cleans the names of columns. One that stands twice is refused: nobody could say which of the two is meant.
func (f *File) names(cells []string) ([]string, error) {
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = strings.Trim(strings.TrimSpace(cell), "\ufeff\u00a0")
	}
	for len(names) > 0 && names[len(names)-1] == "" { // what a separator at the end of each line gives
		names = names[:len(names)-1]
	}
	if len(names) == 0 {
		return nil, errNoHeader
	}
	seen := map[string]int{}
	for i, name := range names {
		first, twice := seen[name]
		switch {
		case name == "":
			f.note("column %d has no name and is left out", i+1)
		case twice:
			return nil, fmt.Errorf("the column %q stands twice, as columns %d and %d: rename or remove one of them", name, first+1, i+1)
		}
		seen[name] = i
	}
	return names, nil
}

// excelSeparator reads the line "sep=;" that Excel understands.
func excelSeparator(head []byte) (byte, bool) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.Trim(line, "\r\"")
	if len(line) == len("sep=;") && bytes.EqualFold(line[:4], []byte("sep=")) {
		return line[4], true
	}
	return 0, false
}

// lookedAt is the number of records that tell the separator.
const lookedAt = 20

// separatorOf tells which character separates the cells: the one that gives each record as many cells as the header has, and most of them.
func separatorOf(head []byte) byte {
	best, most := byte(','), 1.0
	for _, s := range separators {
		r := records{lines: lines{r: bufio.NewReader(bytes.NewReader(head))}, separator: s}
		header, err := r.next()
		if err != nil || len(header.cells) < 2 {
			continue
		}
		alike, all := 0, 0
		for all < lookedAt {
			row, err := r.next()
			if err != nil {
				break
			}
			all++
			if len(row.cells) == len(header.cells) {
				alike++
			}
		}
		score := float64(len(header.cells))
		if all > 0 {
			score *= 0.1 + float64(alike)/float64(all)
		}
		if score > most {
			best, most = s, score
		}
	}
	return best
}

// tableReader gives the rows of a table.
type tableReader struct {
	file    *File
	records records
}

func (t *tableReader) each(take func(Row) error) error {
	for {
		r, err := t.records.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := take(t.row(&r)); err != nil {
			return err
		}
	}
}

func (t *tableReader) row(r *record) Row {
	names := t.file.Columns
	if r.bad != nil {
		return Row{Line: r.line, Bad: r.bad}
	}
	values := make(map[string]any, len(names))
	for i, cell := range r.cells {
		if cell == "" || names[i] == "" {
			continue
		}
		if !utf8.ValidString(cell) {
			return bad(r.line, reject.BadRow, "the cell of column %q is no UTF-8", names[i])
		}
		values[names[i]] = cell
	}
	return Row{Line: r.line, Values: values}
}
