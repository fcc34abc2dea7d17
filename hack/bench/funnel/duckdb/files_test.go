// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb/duck"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

// DuckDB reads the files of a store that flushed, merged and erased. It finds the remaining events, in the order of a sorted file.
func TestDuckDBReadsTheStoresFiles(t *testing.T) {
	dir := t.TempDir()
	s, err := embedded.Open(embedded.Options{
		Dir: dir, CompactEvery: -1, MinFree: 1, MemoryLimit: 128 << 20, BatchRows: 100,
		Clock: func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) },
	})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(3, 3))
	want := map[string]string{}
	for round := range 4 {
		var events []event.Event
		for i := range 1000 {
			e := draw(random, fmt.Sprint(round, "-", i))
			events = append(events, e)
			if e.Identities[0].Value != "0" {
				want[e.ID] = textOf(&e)
			}
		}
		_, err := s.Append(t.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(t, err)
		require.NoError(t, s.Compact(t.Context()))
	}
	require.NoError(t, s.MergeAll(t.Context()))
	_, err = s.Erase(t.Context(), event.Identity{Type: "customerId", Value: "0"})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	names, err := filepath.Glob(filepath.Join(dir, "data", "*", "*.parquet"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	db, err := duck.Open(duck.Options{MemoryLimit: 256 << 20, Threads: 2, TempDir: t.TempDir(), TempLimit: 1 << 30})
	require.NoError(t, err)
	defer db.Close()
	c, err := db.Connect()
	require.NoError(t, err)
	defer c.Close()
	found := map[string]string{}
	for _, name := range names {
		table := fmt.Sprintf("read_parquet(%s, file_row_number = true)", duck.Quote(name))
		row, err := c.Row(t.Context(), `SELECT count(*) FILTER (file_row_number + 1 <> place) FROM (
			SELECT file_row_number, row_number() OVER (ORDER BY person, "time", seq, "index") AS place FROM `+table+`)`)
		require.NoError(t, err)
		require.Equal(t, []int64{0}, row, "rows out of order")
		text := `concat_ws('|', source, channel, kind, event, "time", "receivedAt", identities[1]."type", identities[1].value, len(identities),
			"sessionId", amount, currency, properties, flags, "mappingGeneration", "class")`
		require.NoError(t, c.Each(t.Context(), "SELECT id, "+text+" FROM "+table, func(b arrow.RecordBatch) error {
			ids, texts := b.Column(0).(*array.String), b.Column(1).(*array.String)
			for i := range ids.Len() {
				found[strings.Clone(ids.Value(i))] = strings.Clone(texts.Value(i)) // clone: the memory belongs to DuckDB
			}
			return nil
		}))
	}
	require.Equal(t, want, found)
}

// draw returns an event of one of 300 customers.
func draw(r *rand.Rand, id string) event.Event {
	at := time.Date(2026, time.Month(1+r.IntN(2)), 1+r.IntN(27), 0, 0, r.IntN(60), 0, time.UTC).UnixMicro()
	return event.Event{
		ID: id, Source: "shop", Channel: []string{"web", "email"}[r.IntN(2)], Kind: event.Kind(r.IntN(2)), Name: fmt.Sprint("Event ", r.IntN(20)),
		Time: at, ReceivedAt: at + r.Int64N(2*event.LateAfter), SessionID: fmt.Sprint(r.IntN(1000)), Amount: r.Int64N(1e9), Currency: "EUR",
		Identities: []event.Identity{{Type: "customerId", Value: fmt.Sprint(r.IntN(300))}},
		Properties: fmt.Appendf(nil, `{"n":%d}`, r.IntN(1e6)), MappingGeneration: 1,
	}
}

// textOf formats an event like the query.
func textOf(e *event.Event) string {
	class := event.ClassOf(e)
	id := e.Identities[0]
	return fmt.Sprint(e.Source, "|", e.Channel, "|", uint8(e.Kind), "|", e.Name, "|", e.Time, "|", e.ReceivedAt, "|", id.Type, "|", id.Value, "|",
		len(e.Identities), "|", e.SessionID, "|", e.Amount, "|", e.Currency, "|", string(e.Properties), "|", uint8(e.Flags), "|", e.MappingGeneration, "|", class.String())
}
