// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxLine bounds one line of a file of JSON documents.
const maxLine = 1 << 20

// eachRow calls take with the documents of a file, in their order, numbered from 1. The ending says what the file is: .ndjson or .jsonl, .csv
// or .tsv with a header, .parquet.
func eachRow(path string, take func(n int, row map[string]any) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // Only read.
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".ndjson", ".jsonl":
		err = eachLine(f, take)
	case ".csv":
		err = eachRecord(f, ',', take)
	case ".tsv":
		err = eachRecord(f, '\t', take)
	case ".parquet":
		err = eachParquet(f, take)
	default:
		err = fmt.Errorf("the ending %q is not known: use .ndjson, .jsonl, .csv, .tsv or .parquet", ending)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// eachLine reads one JSON object a line; empty lines are passed over.
func eachLine(f io.Reader, take func(n int, row map[string]any) error) error {
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		document, err := value.Decode(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		row, ok := document.(map[string]any)
		if !ok {
			return fmt.Errorf("line %d: it is no JSON object", n)
		}
		if err := take(n, row); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d: longer than %d bytes", n+1, maxLine)
	}
	return lines.Err()
}

// eachRecord reads a table with a header. Empty cells count as missing.
func eachRecord(f io.Reader, comma rune, take func(n int, row map[string]any) error) error {
	table := csv.NewReader(bufio.NewReader(f))
	table.Comma, table.ReuseRecord = comma, true
	header, err := table.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	names := append([]string(nil), header...)
	names[0] = strings.TrimPrefix(names[0], "\ufeff")
	for n := 1; ; n++ {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		row := make(map[string]any, len(names))
		for i, cell := range record {
			if cell != "" {
				row[names[i]] = strings.Clone(cell)
			}
		}
		if err := take(n, row); err != nil {
			return err
		}
	}
}
