// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

const (
	fuzzRows = 40
	// fuzzBatch keeps the memory of a target small.
	fuzzBatch = 1 << 20
)

// fuzzRequests are the forms of a scan: rows as they are, and packed ones with runs and dictionaries.
var fuzzRequests = []store.ScanRequest{
	{Columns: []string{store.ColumnEvent, store.ColumnIdentities}},
	{Columns: []string{store.ColumnClass, store.ColumnEvent, store.ColumnOrderID}, Packed: true},
}

// streamOf returns what a store sends for a scan, and its schema.
func streamOf(t testing.TB, s store.Store, r store.ScanRequest) ([]byte, *arrow.Schema) {
	t.Helper()
	scan, err := s.Scan(t.Context(), r)
	require.NoError(t, err)
	schema, err := r.Schema()
	require.NoError(t, err)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema), ipc.WithDictionaryDeltas(true))
	for {
		record, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.NoError(t, w.Write(record))
	}
	require.NoError(t, errors.Join(w.Close(), scan.Close()))
	return out.Bytes(), schema
}

// received is a scan of a response with this stream.
func received(stream []byte, schema *arrow.Schema, checksum string) *scan {
	_, cancel := context.WithCancelCause(context.Background())
	s := &scan{schemas: []*arrow.Schema{schema}, cancel: cancel, stall: time.Minute, limit: fuzzBatch, sum: xxh3.New()}
	s.answer = &http.Response{Body: io.NopCloser(bytes.NewReader(stream)), Trailer: http.Header{}}
	s.answer.Trailer.Set(wire.TrailerStats, "{}")
	s.answer.Trailer.Set(wire.TrailerChecksum, checksum)
	s.stream = io.TeeReader(s.answer.Body, s.sum)
	return s
}

func checksumOf(stream []byte) string {
	sum := xxh3.New()
	_, _ = sum.Write(stream) // it returns no error
	return wire.Checksum(sum)
}

// FuzzScanStream changes bytes of the stream of a scan. The client never panics. It ends with success only if the stream is the one that the store has
// sent. If the checksum fits the changed bytes, all values that the client returns can be read.
func FuzzScanStream(f *testing.F) {
	s, err := embedded.Open(embedded.Options{Dir: f.TempDir(), CompactEvery: -1, MinFree: 1, MemoryLimit: 64 << 20, BatchRows: 16, Threads: 1})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, s.Close()) })
	b := store.Batch{Source: "shop"}
	for i := range fuzzRows {
		b.Events = append(b.Events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Name: fmt.Sprint("Viewed ", i%3), OrderID: fmt.Sprint(i % 5), Time: int64(i),
			Identities: []event.Identity{{Type: "email", Value: fmt.Sprint(i % 9)}},
		})
	}
	_, err = s.Append(f.Context(), b)
	require.NoError(f, err)
	var streams [][]byte
	var schemas []*arrow.Schema
	for i, r := range fuzzRequests {
		stream, schema := streamOf(f, s, r)
		streams, schemas = append(streams, stream), append(schemas, schema)
		f.Add(i == 1, uint16(0), uint16(0), []byte{}, false)
		f.Add(i == 1, uint16(len(stream)/2), uint16(len(stream)), []byte{}, true)
		for at := 0; at < len(stream); at += 41 {
			f.Add(i == 1, uint16(at), uint16(2), []byte{0xff, 0x7f}, true)
		}
	}
	f.Fuzz(func(t *testing.T, packed bool, at, gone uint16, instead []byte, summed bool) {
		form := 0
		if packed {
			form = 1
		}
		whole := streams[form]
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		sent := bytes.Join([][]byte{whole[:from], instead, whole[to:]}, nil)
		checksum := checksumOf(whole)
		if summed {
			checksum = checksumOf(sent)
		}
		rows, err := read(t, received(sent, schemas[form], checksum))
		switch {
		case bytes.Equal(sent, whole):
			require.NoError(t, err)
			require.Equal(t, fuzzRows, rows)
		case !summed || err != nil:
			require.ErrorIs(t, err, store.ErrUnavailable)
		}
	})
}

// read reads every value of a scan.
func read(t *testing.T, s *scan) (rows int, err error) {
	t.Helper()
	defer func() { require.NoError(t, s.Close()) }()
	for {
		record, err := s.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for row := range int(record.NumRows()) {
			for _, column := range record.Columns() {
				at := row
				if runs, ok := column.(*array.RunEndEncoded); ok {
					column, at = runs.Values(), runs.GetPhysicalIndex(row)
				}
				_ = column.ValueStr(at)
			}
			rows++
		}
	}
}
