// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// parquetRows are read at a time.
const parquetRows = 8192

// eachParquet reads a Parquet file, batch by batch. Nulls count as missing.
func eachParquet(f *os.File, take func(n int, row map[string]any) error) (err error) {
	reader, err := file.NewParquetReader(f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	columns, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{BatchSize: parquetRows}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	batches, err := columns.GetRecordReader(context.Background(), nil, nil)
	if err != nil {
		return err
	}
	defer batches.Release()
	n := 0
	for {
		batch, err := batches.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range int(batch.NumRows()) {
			n++
			row, err := parquetRow(batch, i)
			if err == nil {
				err = take(n, row)
			}
			if err != nil {
				return err
			}
		}
	}
}

func parquetRow(batch arrow.RecordBatch, i int) (map[string]any, error) {
	row := make(map[string]any, batch.NumCols())
	for c, field := range batch.Schema().Fields() {
		column := batch.Column(c)
		if column.IsNull(i) {
			continue
		}
		cell, err := parquetCell(column, i)
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", field.Name, err)
		}
		row[field.Name] = cell
	}
	return row, nil
}

// parquetCell gives a value as JSON has it; times become texts with a zone.
func parquetCell(column arrow.Array, i int) (any, error) {
	switch column := column.(type) {
	case *array.String:
		return column.Value(i), nil
	case *array.Timestamp:
		unit := column.DataType().(*arrow.TimestampType).Unit
		return column.Value(i).ToTime(unit).UTC().Format(time.RFC3339Nano), nil
	}
	raw, err := json.Marshal(column.GetOneForMarshal(i))
	if err != nil {
		return nil, err
	}
	return value.Decode(raw)
}
