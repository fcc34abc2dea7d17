// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// table returns rows with the numbers from first to last-1, with a header.
func table(first, last int, separator string) string {
	var b strings.Builder
	b.WriteString("n" + separator + "at\n")
	for n := first; n < last; n++ {
		fmt.Fprintf(&b, "%d%s%s\n", n, separator, time.Date(2026, 11, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339))
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

func zipped(t *testing.T, name, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.Create(name)
	require.NoError(t, err)
	_, err = f.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

// parquetOf has a column that makes it larger than the blocks which are fetched at once.
func parquetOf(t *testing.T, first, last int) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "at", Type: arrow.BinaryTypes.String}, {Name: "more", Type: arrow.BinaryTypes.String},
	}, nil)
	rows := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for n := first; n < last; n++ {
		rows.Field(0).(*array.Int64Builder).Append(int64(n))
		rows.Field(1).(*array.StringBuilder).Append(time.Date(2026, 11, 1, 0, 0, n, 0, time.UTC).Format(time.RFC3339))
		rows.Field(2).(*array.StringBuilder).Append(strings.Repeat(fmt.Sprint(n), 2000))
	}
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, nil, pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(rows.NewRecordBatch()))
	require.NoError(t, w.Close())
	return out.String()
}

// All formats are read from a bucket: as streams, and with random access.
func TestFormats(t *testing.T) {
	s := newCloud(t)
	p := pulltest.NewPod(t, s)
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	large := parquetOf(t, 400, 2400)
	require.Greater(t, len(large), 9<<20)
	broken := gzipped(t, table(2400, 40_000, ","))
	for name, content := range map[string]string{
		"a.csv": table(0, 100, ","), "b.tsv.gz": gzipped(t, table(100, 200, "\t")),
		"c.zst": string(encoder.EncodeAll([]byte(strings.Join(pulltest.Documents(200, 300), "\n")), nil)),
		"d.zip": zipped(t, "orders.csv", table(300, 400, ";")), "e.parquet": large,
		"f.csv.gz": broken[:len(broken)/2], // It breaks off.
	} {
		s.Put(t, bucketName, "tills/"+name, content)
	}
	p.Run()
	require.Eventually(t, func() bool { return p.Source().Counters.Rejected[reject.BadFile].Count == 1 }, 2*time.Minute, 50*time.Millisecond)
	require.Eventually(t, func() bool { l := p.Runner.State().Lag; return l != nil && *l == 0 }, 2*time.Minute, 50*time.Millisecond)
	state := p.Source()
	require.Greater(t, state.Counters.Accepted, int64(2500), "what is before the damage is stored")
	require.Contains(t, state.Counters.Rejected[reject.BadFile].Example, "tills/f.csv.gz")
	require.Zero(t, state.Duplicates)
	seen := map[string]bool{}
	events := p.Store.Events()
	for i := range events {
		seen[fmt.Sprint(events[i].Time)] = true
	}
	for n := range 2400 {
		require.True(t, seen[fmt.Sprint(time.Date(2026, 11, 1, 0, 0, n, 0, time.UTC).UnixMicro())], "document %d", n)
	}
}
