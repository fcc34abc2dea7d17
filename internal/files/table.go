// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// separators to try, the most common one first.
var separators = []byte{',', ';', '\t', '|'}

var separatorNames = map[byte]string{';': "semicolons", '\t': "tabs", '|': "vertical bars"}

var errNoHeader = errors.New("the file is empty: a table begins with a line that names its columns")

// table reads the header. each reads the rows.
func (f *File) table(r *bufio.Reader, head []byte, o Options) error {
	t := &tableReader{file: f, records: records{lines: lines{r: r}, separator: ','}}
	told := 0
	if s, ok := excelSeparator(head); ok {
		t.records.separator = s
		told = bytes.IndexByte(head, '\n') + 1
		if _, _, err := t.records.lines.next(); err != nil {
			return err
		}
	} else if t.records.separator = o.Separator; o.Separator == 0 {
		t.records.separator = separatorFor(head, o.HeaderHas)
	}
	if name := separatorNames[t.records.separator]; name != "" {
		f.note("cells are separated by %s", name)
	}
	f.Commas = t.records.separator == ';' || t.records.separator == '\t'
	f.each = t.each
	header, err := t.header(o.HeaderHas)
	if err != nil {
		return err
	}
	if err := f.header(header, head[told:], t.records.separator, len(o.HeaderHas) > 0); err != nil {
		return err
	}
	t.records.columns = len(f.Columns)
	for range o.HeaderRows - 1 {
		if err := t.further(); err != nil {
			return err
		}
	}
	return nil
}

// header reads the names of the columns, and refuses rows that are not a header.
func (f *File) header(header *record, head []byte, separator byte, known bool) (err error) {
	for i, cell := range header.cells {
		switch {
		case !f.intact(cell):
			return fmt.Errorf("the line that names the columns, line %d, %s", header.line, f.lost(cell))
		case strings.IndexByte(cell, 0) >= 0:
			return fmt.Errorf("line %d has zero bytes: the file is damaged, or not text", header.line)
		}
		if what := datum(cell); what != "" && !known {
			return fmt.Errorf("the first line looks like a row, not like the names of columns: its cell %d is %s. "+
				"A table begins with a line that names its columns", i+1, what)
		}
	}
	if !known {
		err = preamble(header.line, head, separator)
	}
	if err != nil {
		return err
	}
	f.Columns, err = f.names(header.cells)
	return err
}

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	uuidForm  = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	epochForm = regexp.MustCompile(`^[0-9]{10,19}$`)
	dayForm   = regexp.MustCompile(`^[0-9]{1,4}[-./][0-9]{1,2}[-./][0-9]{1,4}($|[T ])`)
)

// datum describes a cell that cannot be the name of a column.
func datum(cell string) string {
	switch {
	case emailForm.MatchString(cell):
		return "an e-mail address"
	case uuidForm.MatchString(cell):
		return "a UUID"
	case epochForm.MatchString(cell), dayForm.MatchString(cell):
		return "a time or a long number"
	}
	return ""
}

// preamble refuses a table that has lines above the header, such as a title: the first line has fewer cells than most.
func preamble(first int, head []byte, separator byte) error {
	lines, cells := widths(head, separator)
	if len(cells) < 2 {
		return nil
	}
	usual := mostUsual(cells[1:])
	if cells[0] >= usual || cells[0] > 1 && cells[1] >= usual {
		return nil
	}
	for i, n := range cells {
		if n >= usual {
			return fmt.Errorf("line %d has %s, but most lines after it have %d: "+
				"remove the lines above the header, which seems to be line %d",
				first, value.Counted(cells[0], "cell"), usual, lines[i])
		}
	}
	return nil
}

// widths returns the number of cells of the first records, without trailing empty ones, and their line numbers.
func widths(head []byte, separator byte) (lineNumbers, cells []int) {
	r := records{lines: lines{r: bufio.NewReader(bytes.NewReader(head))}, separator: separator}
	for len(cells) <= lookedAt {
		row, err := r.next()
		if err != nil {
			break
		}
		if row.bad == nil {
			lineNumbers, cells = append(lineNumbers, row.line), append(cells, trimmed(row.cells))
		}
	}
	return lineNumbers, cells
}

// trimmed returns the number of cells of a record without trailing empty ones.
func trimmed(cells []string) int {
	n := len(cells)
	for n > 1 && cells[n-1] == "" {
		n--
	}
	return n
}

// mostUsual returns the most frequent number; of several, the largest.
func mostUsual(numbers []int) int {
	times := map[int]int{}
	best := 0
	for _, n := range numbers {
		times[n]++
		if c := cmp.Or(cmp.Compare(times[n], times[best]), cmp.Compare(n, best)); c > 0 {
			best = n
		}
	}
	return best
}

// names cleans the names of columns. It refuses duplicates, because it would be unclear which column is meant.
func (f *File) names(cells []string) ([]string, error) {
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = nameOf(cell)
	}
	for len(names) > 0 && names[len(names)-1] == "" { // from a separator at the end of each line
		names = names[:len(names)-1]
	}
	if len(names) == 0 {
		return nil, errNoHeader
	}
	seen := map[string]int{}
	var nameless []int
	for i, name := range names {
		first, twice := seen[name]
		switch {
		case name == "":
			nameless = append(nameless, i+1)
		case twice:
			return nil, fmt.Errorf("the column %q appears twice, as columns %d and %d: rename or remove one of them", mask.Name(name), first+1, i+1)
		}
		seen[name] = i
	}
	const shown = 10
	for _, n := range nameless[:min(len(nameless), shown)] {
		f.note("column %d has no name and is left out", n)
	}
	if more := len(nameless) - shown; more > 0 {
		f.note("%s more have no name and are left out", value.Counted(more, "column"))
	}
	return names, nil
}

// excelSeparator parses the line "sep=;" that Excel understands.
func excelSeparator(head []byte) (byte, bool) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.Trim(line, "\r\"")
	if len(line) == len("sep=;") && bytes.EqualFold(line[:4], []byte("sep=")) {
		return line[4], true
	}
	return 0, false
}

// lookedAt is the number of records that are examined for the separator.
const lookedAt = 20

// separatorOf returns the character that separates the cells: the one that gives each record as many cells as the header, and the most cells. If the
// header is a title of one cell, the rows decide.
func separatorOf(head []byte) byte {
	best, most := byte(','), 1.0
	for _, s := range separators {
		r := records{lines: lines{r: bufio.NewReader(bytes.NewReader(head))}, separator: s}
		var cells []int
		for len(cells) <= lookedAt {
			row, err := r.next()
			if err != nil {
				break
			}
			cells = append(cells, len(row.cells))
		}
		if score := separated(cells); score > most {
			best, most = s, score
		}
	}
	return best
}

// separated returns how well records with these numbers of cells fit together.
func separated(cells []int) float64 {
	if len(cells) == 0 {
		return 0
	}
	usual, weight := cells[0], 1.0
	if usual < 2 && len(cells) > 1 {
		usual, weight = mostUsual(cells[1:]), 0.5
	}
	if usual < 2 {
		return 0
	}
	if len(cells) == 1 {
		return float64(usual)
	}
	alike := 0
	for _, n := range cells[1:] {
		if n == usual {
			alike++
		}
	}
	return weight * float64(usual) * (0.1 + float64(alike)/float64(len(cells)-1))
}

// tableReader returns the rows of a table.
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
		row := t.row(&r)
		if row.Bad == nil && len(row.Values) == 0 {
			continue // Spreadsheets write empty rows as separators only.
		}
		if err := take(row); err != nil {
			return err
		}
	}
}

func (t *tableReader) row(r *record) Row {
	names := t.file.Columns
	if r.bad != nil {
		row := Row{Line: r.line, Bad: r.bad}
		if n := len(r.cells); n > 0 { // A cell is missing or too much somewhere: the others count from either side.
			row.Readings = []map[string]any{t.values(r.cells), t.values(slices.Concat(make([]string, max(0, len(names)-n)), r.cells[max(0, n-len(names)):]))}
		}
		return row
	}
	values := t.values(r.cells)
	for i, cell := range r.cells {
		if cell == "" || names[i] == "" {
			continue
		}
		row := Row{Line: r.line, Readings: []map[string]any{values}}
		switch {
		case !t.file.intact(cell):
			row.Bad = bad(r.line, reject.BadRow, "the cell of column %q %s", mask.Name(names[i]), t.file.lost(cell)).Bad
			return row
		case strings.IndexByte(cell, 0) >= 0:
			row.Bad = bad(r.line, reject.BadRow, "the cell of column %q has a zero byte: the file is damaged there", mask.Name(names[i])).Bad
			return row
		}
	}
	return Row{Line: r.line, Values: values}
}

// values returns the cells by column, without empty ones.
func (t *tableReader) values(cells []string) map[string]any {
	values := make(map[string]any, len(t.file.Columns))
	for i, name := range t.file.Columns[:min(len(cells), len(t.file.Columns))] {
		if name != "" && cells[i] != "" {
			values[name] = cells[i]
		}
	}
	return values
}
