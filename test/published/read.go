// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
)

// readTable calls f with every row of a file, after the header if there is one. It decompresses files that end in .gz. Values are separated by commas
// or, in text files, by blanks.
func readTable(path string, header bool, f func(row []string) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return err
		}
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	text := strings.Contains(path, ".txt")
	for n := 0; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 && header {
			continue
		}
		if text {
			row = strings.Fields(row[0])
		}
		if err := f(row); err != nil {
			return err
		}
	}
}
