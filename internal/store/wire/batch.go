// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// metaBatch is the key of the rest of the batch in the schema's metadata.
const metaBatch = "journeyman-batch"

// batchHead is a batch without its events.
type batchHead struct {
	Source   string         `json:"source"`
	Moves    []store.Move   `json:"moves,omitempty"`
	Counters store.Counters `json:"counters"`
	Trust    *store.Trust   `json:"trust,omitempty"`
	Import   string         `json:"import,omitempty"`
}

// EncodeBatch returns the batch as an Arrow IPC stream: the events as one record of event.Schema, the rest in the schema's metadata.
func EncodeBatch(b store.Batch) ([]byte, error) {
	meta, err := json.Marshal(batchHead{Source: b.Source, Moves: b.Moves, Counters: b.Counters, Trust: b.Trust, Import: b.Import})
	if err != nil {
		return nil, err
	}
	metadata := arrow.NewMetadata([]string{metaBatch}, []string{string(meta)})
	schema := arrow.NewSchema(event.Schema.Fields(), &metadata)
	var body bytes.Buffer
	w := ipc.NewWriter(&body, ipc.WithSchema(schema))
	if len(b.Events) > 0 {
		plain := event.ToRecord(memory.DefaultAllocator, b.Events)
		defer plain.Release()
		record := array.NewRecordBatch(schema, plain.Columns(), plain.NumRows())
		defer record.Release()
		if err := w.Write(record); err != nil {
			return nil, errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

// MemoryFactor is the memory that a byte of a batch needs at most until it is stored: for the body, its columns, the events, and the record of the log.
const MemoryFactor = 6

// DecodeBatch decodes the result of EncodeBatch. It concatenates several records. Its memory is limited by the length of the body, whatever the body
// claims. Errors wrap store.ErrInvalid.
func DecodeBatch(body []byte) (store.Batch, error) {
	if err := inspect(body); err != nil {
		return store.Batch{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	reader, err := ipc.NewReader(bytes.NewReader(body))
	if err != nil {
		return store.Batch{}, fmt.Errorf("%w: not an Arrow stream: %w", store.ErrInvalid, err)
	}
	defer reader.Release()
	text, ok := reader.Schema().Metadata().GetValue(metaBatch)
	if !ok {
		return store.Batch{}, fmt.Errorf("%w: the schema's metadata has no %s", store.ErrInvalid, metaBatch)
	}
	var meta batchHead
	if err := json.Unmarshal([]byte(text), &meta); err != nil {
		return store.Batch{}, fmt.Errorf("%w: %s: %w", store.ErrInvalid, metaBatch, err)
	}
	b := store.Batch{Source: meta.Source, Moves: meta.Moves, Counters: meta.Counters, Trust: meta.Trust, Import: meta.Import}
	for reader.Next() {
		events, err := event.FromRecord(reader.RecordBatch())
		if err != nil {
			return store.Batch{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
		}
		b.Events = append(b.Events, events...)
	}
	if err := reader.Err(); err != nil {
		return store.Batch{}, fmt.Errorf("%w: Arrow stream: %w", store.ErrInvalid, err)
	}
	return b, nil
}
