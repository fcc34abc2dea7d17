// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// fuzzedFile is a small sorted file with its wants.
func fuzzedFile(t require.TestingT) ([]byte, []block.Want) {
	var events []event.Event
	persons := array.NewUint64Builder(memory.DefaultAllocator)
	for i := range 40 {
		events = append(events, event.Event{
			ID: fmt.Sprint(i), Source: "shop", Channel: "web", Name: fmt.Sprint("Seen ", i%3), Time: int64(i), ReceivedAt: int64(i),
			Identities: []event.Identity{{Type: "anonymousId", Value: fmt.Sprint("a", i/4)}}, SessionID: fmt.Sprint("s", i/8),
		})
		persons.Append(uint64(i / 4))
	}
	record := event.ToRecord(memory.DefaultAllocator, events)
	schema := arrow.NewSchema(append([]arrow.Field{{Name: "person", Type: arrow.PrimitiveTypes.Uint64}}, record.Schema().Fields()...), nil)
	rows := array.NewRecordBatch(schema, append([]arrow.Array{persons.NewArray()}, record.Columns()...), record.NumRows())
	return sortedFile(t, rows, 25, 40), append(wantsOf(schema), block.Want{Name: store.ColumnClass, Kind: block.Text})
}

// FuzzSortedFile: damaged bytes give an error or rows, and never a panic. The rows may be wrong ones: pages have no checksum, so that a part is
// read only after the one of its whole file was compared.
func FuzzSortedFile(f *testing.F) {
	content, wants := fuzzedFile(f)
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(_ *testing.T, content []byte) {
		_, _ = ours(content, wants)
	})
}

// TestDamagedBytes changes bytes of pages and footer one at a time: there is no panic, and most changes are seen.
func TestDamagedBytes(t *testing.T) {
	content, wants := fuzzedFile(t)
	refused, tried := 0, 0
	// What arrow-go panics for, and others.
	places := map[int]byte{253: 0x80, 4843: 1, 4878: 0x80, 5547: 1, 0x1c0e: 1}
	for at := 0; at < len(content); at += 37 {
		places[at] = byte(1 << (at % 8))
	}
	for at, change := range places {
		damaged := append([]byte(nil), content...)
		damaged[at] ^= change
		tried++
		if _, err := ours(damaged, wants); err != nil {
			refused++
		}
	}
	require.Greater(t, refused, tried/4)
	_, err := ours(content[:len(content)/2], wants)
	require.Error(t, err)
}
