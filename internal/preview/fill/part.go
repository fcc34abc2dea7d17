// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"errors"
	"fmt"
	"slices"
)

// part counts the rows of one file or of one source.
type part struct {
	what          string
	rows, refused int64
}

// parts are the files and the sources, in order of appearance.
type parts []*part

func (l *parts) of(what string) *part {
	for _, p := range *l {
		if p.what == what {
			return p
		}
	}
	p := &part{what: what}
	*l = append(*l, p)
	return p
}

// counting counts rows and refusals for their file, and for their source once it is known.
func (f *Result) counting(rows int64) {
	f.Rows += rows
	f.inFile, f.inSource = f.parts.of("of "+f.file), nil
	f.inFile.rows += rows
}

func (f *Result) countingFor(source string, rows int64) {
	f.inSource = f.parts.of("for the source " + source)
	f.inSource.rows += rows
}

// finish keeps the files and sources of which most rows were refused.
func (f *Result) finish() {
	f.file, f.inFile, f.inSource = "", nil, nil
	if f.parts = slices.DeleteFunc(f.parts, func(p *part) bool { return p.refused*2 <= p.rows }); len(f.parts) == 0 {
		f.parts = nil
	}
}

// Err reports that most rows were refused, in total, of a file or for a source. The numbers of the rest are shown, but do not represent the whole input.
func (f *Result) Err() error {
	if f.Refused*2 > f.Rows {
		return fmt.Errorf("most rows were refused, %s: the numbers are those of the rest", refusedOf(f.Refused, f.Rows))
	}
	var errs []error
	for _, p := range f.parts {
		errs = append(errs, fmt.Errorf("most rows %s were refused, %s: the numbers are those of the rest", p.what, refusedOf(p.refused, p.rows)))
	}
	return errors.Join(errs...)
}

// refusedOf formats how many rows were refused. A row that a mapping turns into several events can be refused several times.
func refusedOf(refused, rows int64) string {
	if refused > rows {
		return fmt.Sprintf("%d events of %d rows", refused, rows)
	}
	return fmt.Sprintf("%d of %d", refused, rows)
}
