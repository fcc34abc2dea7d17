// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// chunkRows is how many events of the tail become one Arrow record.
const chunkRows = 8192

// tail is what the log holds beyond the sorted files, in memory, for scans and for sorting. The state lock guards it.
type tail struct {
	chunks []chunk
	// open rows, not in a chunk yet.
	events []event.Event
	places []place
	// bytes of the log that the tail stands for.
	bytes int64
}

type place struct {
	seq   int64
	index int32
}

// chunk is a record of tailSchema. It never changes.
type chunk struct {
	record         arrow.RecordBatch
	minSeq, maxSeq int64
	known          *atomic.Pointer[chunkPersons]
}

// tailSchema is the event's, behind its anchor and place.
var tailSchema = arrow.NewSchema(append([]arrow.Field{
	{Name: "anchor", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "seq", Type: arrow.PrimitiveTypes.Int64},
	{Name: "index", Type: arrow.PrimitiveTypes.Int32},
}, event.Schema.Fields()...), nil)

func (t *tail) add(c *commit, bytes int64) {
	t.bytes += bytes
	if cap(t.events) == 0 && len(c.events) > 0 {
		t.events, t.places = make([]event.Event, 0, chunkRows+len(c.events)), make([]place, 0, chunkRows+len(c.events))
	}
	t.events = append(t.events, c.events...)
	for _, i := range c.indexes {
		t.places = append(t.places, place{seq: c.seq, index: i})
	}
	if len(t.events) >= chunkRows {
		t.seal()
	}
}

// seal makes a chunk of the open rows.
func (t *tail) seal() {
	if len(t.events) == 0 {
		return
	}
	anchors := array.NewUint64Builder(memory.DefaultAllocator)
	seqs := array.NewInt64Builder(memory.DefaultAllocator)
	indexes := array.NewInt32Builder(memory.DefaultAllocator)
	for i := range t.events {
		anchors.Append(uint64(t.events[i].Anchor()))
		seqs.Append(t.places[i].seq)
		indexes.Append(t.places[i].index)
	}
	events := event.ToRecord(memory.DefaultAllocator, t.events)
	columns := append([]arrow.Array{anchors.NewArray(), seqs.NewArray(), indexes.NewArray()}, events.Columns()...)
	t.chunks = append(slices.Clip(t.chunks), chunk{
		record: array.NewRecordBatch(tailSchema, columns, int64(len(t.events))),
		minSeq: t.places[0].seq, maxSeq: t.places[len(t.places)-1].seq, known: &atomic.Pointer[chunkPersons]{},
	})
	t.events, t.places = nil, nil
}

// upTo gives the chunks that begin before or with the commit. Only commits behind a seal are cut off cleanly; the rest is the reader's filter.
func (t *tail) upTo(seq int64) []chunk {
	t.seal()
	n := 0
	for n < len(t.chunks) && t.chunks[n].minSeq <= seq {
		n++
	}
	return t.chunks[:n:n]
}

// drop the chunks up to the commit, which is the last one of a chunk, and their bytes of log.
func (t *tail) drop(seq, bytes int64) {
	t.chunks = slices.DeleteFunc(slices.Clone(t.chunks), func(c chunk) bool { return c.maxSeq <= seq })
	t.bytes -= bytes
}

func rowsOf(chunks []chunk) int64 {
	n := int64(0)
	for _, c := range chunks {
		n += c.record.NumRows()
	}
	return n
}

func recordsOf(chunks []chunk) []arrow.RecordBatch {
	records := make([]arrow.RecordBatch, len(chunks))
	for i, c := range chunks {
		records[i] = c.record
	}
	return records
}

// chunkPersons are the persons of a chunk's rows at a version of the identity table.
type chunkPersons struct {
	version int64
	persons []uint64
}

// personsAt gives the persons of the rows. The newest answer is kept: the shards of a run ask for the same.
func (c *chunk) personsAt(view *identity.View) []uint64 {
	if known := c.known.Load(); known != nil && known.version == view.Version() {
		return known.persons
	}
	anchors := c.record.Column(0).(*array.Uint64).Uint64Values()
	next := &chunkPersons{version: view.Version(), persons: make([]uint64, len(anchors))}
	for i, a := range anchors {
		next.persons[i] = view.PersonOf(event.Anchor(a))
	}
	c.known.Store(next)
	return next.persons
}
