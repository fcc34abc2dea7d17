// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duck_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb/duck"
)

func connect(t *testing.T) *duck.Conn {
	db, err := duck.Open(duck.Options{MemoryLimit: 64 << 20, Threads: 2, TempDir: t.TempDir(), TempLimit: 1 << 30})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	c, err := db.Connect()
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func sum(t *testing.T, c *duck.Conn, sql string) (total int64) {
	rows, err := c.Query(t.Context(), sql)
	require.NoError(t, err)
	defer rows.Close()
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return total
		}
		require.NoError(t, err)
		for _, v := range batch.Column(0).(*array.Int64).Int64Values() {
			total += v
		}
		batch.Release()
	}
}

func TestQueryStreamsMoreThanItsMemory(t *testing.T) {
	c := connect(t)
	// 20 million rows of at least 40 bytes are many times the memory limit.
	require.EqualValues(t, 20_000_000, sum(t, c, "SELECT 1::BIGINT, 'a text of some length ' || i FROM range(20000000) t(i)"))
}

func TestErrorsAndEmptyResults(t *testing.T) {
	c := connect(t)
	_, err := c.Query(t.Context(), "SELECT nonsense")
	require.ErrorContains(t, err, "nonsense")
	require.ErrorContains(t, c.Exec(t.Context(), "SELECT error('late')"), "late")
	require.Zero(t, sum(t, c, "SELECT 1::BIGINT WHERE false"))
	require.NoError(t, c.Exec(t.Context(), "CREATE TEMP TABLE x AS SELECT "+duck.Quote("it's")+" AS a"))
	require.EqualValues(t, 1, sum(t, c, "SELECT count(*) FROM x WHERE a IN ("+duck.QuoteAll([]string{"b", "it's"})+")"))
}

func TestEndedContextInterrupts(t *testing.T) {
	c := connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := c.Query(ctx, "SELECT i FROM range(1000000000) t(i)")
	require.NoError(t, err)
	defer rows.Close()
	_, err = rows.Next()
	require.NoError(t, err)
	cancel()
	_, err = rows.Next()
	require.ErrorIs(t, err, context.Canceled)
}

func TestViewOfRecords(t *testing.T) {
	c := connect(t)
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)
	b := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range int64(5000) {
		b.Append(i)
	}
	record := array.NewRecordBatch(schema, []arrow.Array{b.NewArray()}, 5000)
	reader, err := array.NewRecordReader(schema, []arrow.RecordBatch{record, record})
	require.NoError(t, err)
	release, err := c.View("numbers", reader)
	require.NoError(t, err)
	defer release()
	require.EqualValues(t, 2*5000*4999/2, sum(t, c, "SELECT * FROM numbers"))
}
