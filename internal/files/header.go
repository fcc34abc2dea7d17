// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxAbove is the number of records above a header.
const maxAbove = 100

// header returns the record that names the columns: the first that has the given ones, or the first one.
func (t *tableReader) header(has []string) (*record, error) {
	for range maxAbove {
		r, err := t.records.next()
		switch {
		case errors.Is(err, io.EOF) && len(has) == 0:
			return nil, errNoHeader
		case errors.Is(err, io.EOF):
			return nil, noHeaderWith(has)
		case err != nil:
			return nil, err
		case len(has) == 0 && r.bad != nil:
			return nil, fmt.Errorf("the line that names the columns: %s", r.bad.Message)
		case r.bad == nil && hasAll(r.cells, has):
			return &r, nil
		}
	}
	return nil, noHeaderWith(has)
}

func noHeaderWith(has []string) error {
	return fmt.Errorf("no line names the columns %s: the file is not this export, or its separator or language is another one", strings.Join(has, ", "))
}

func hasAll(cells, names []string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(cells, func(cell string) bool { return nameOf(cell) == name }) {
			return false
		}
	}
	return true
}

// nameOf returns the name of a column without what editors add.
func nameOf(cell string) string { return strings.Trim(strings.TrimSpace(cell), "\ufeff\u00a0") }

// further reads another row of the header.
func (t *tableReader) further() error {
	r, err := t.records.next()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file ends inside the rows of its header")
	case err != nil:
		return err
	case r.bad != nil:
		return fmt.Errorf("line %d, a row of the header: %s", r.line, r.bad.Message)
	}
	row := make(map[string]string, len(r.cells))
	for i, cell := range r.cells {
		if name := t.file.Columns[i]; name != "" && cell != "" {
			row[name] = cell
		}
	}
	t.file.Header = append(t.file.Header, row)
	return nil
}

// separatorFor returns the separator with which a header has the given columns, or that of the first lines.
func separatorFor(head []byte, has []string) byte {
	if len(has) < 2 {
		return separatorOf(head)
	}
	for _, s := range separators {
		t := tableReader{records: records{lines: lines{r: bufio.NewReader(bytes.NewReader(head))}, separator: s}}
		if _, err := t.header(has); err == nil {
			return s
		}
	}
	return separatorOf(head)
}
