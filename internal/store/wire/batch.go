// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// metaBatch is the key in the schema's metadata under which the rest of the batch stands.
const metaBatch = "journeyman-batch"

// batchHead is a batch without its events.
type batchHead struct {
	Source   string         `json:"source"`
	Cursor   []byte         `json:"cursor,omitempty"`
	Counters store.Counters `json:"counters"`
}

// EncodeBatch gives the batch as an Arrow IPC stream: the events as one record of event.Schema, the rest in the schema's metadata.
func EncodeBatch(b store.Batch) ([]byte, error) {
	meta, err := json.Marshal(batchHead{Source: b.Source, Cursor: b.Cursor, Counters: b.Counters})
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

// DecodeBatch reads what EncodeBatch wrote; more than one record is one after the other. Errors wrap store.ErrInvalid, but for
// those of the reader itself.
func DecodeBatch(r io.Reader) (store.Batch, error) {
	in := &failing{r: r}
	reader, err := ipc.NewReader(in)
	if err != nil {
		return store.Batch{}, in.or(fmt.Errorf("%w: no Arrow stream: %w", store.ErrInvalid, err))
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
	b := store.Batch{Source: meta.Source, Cursor: meta.Cursor, Counters: meta.Counters}
	for reader.Next() {
		events, err := event.FromRecord(reader.RecordBatch())
		if err != nil {
			return store.Batch{}, fmt.Errorf("%w: %w", store.ErrInvalid, err)
		}
		b.Events = append(b.Events, events...)
	}
	if err := reader.Err(); err != nil {
		return store.Batch{}, in.or(fmt.Errorf("%w: Arrow stream: %w", store.ErrInvalid, err))
	}
	if !in.ended() {
		return store.Batch{}, in.or(fmt.Errorf("%w: the Arrow stream is not whole", store.ErrInvalid))
	}
	return b, nil
}

// failing remembers the error of a reader, and whether the stream ended as Arrow streams do: with eight bytes, four of ones and four
// of zeros. The Arrow reader takes a stream that was cut between two records for a whole one.
type failing struct {
	r    io.Reader
	err  error
	tail [8]byte
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if n > 0 {
		last := p[max(0, n-len(f.tail)):n]
		copy(f.tail[:], f.tail[len(last):])
		copy(f.tail[len(f.tail)-len(last):], last)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

func (f *failing) ended() bool { return f.tail == [8]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0} }

func (f *failing) or(err error) error {
	if f.err != nil {
		return f.err
	}
	return err
}
