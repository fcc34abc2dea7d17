// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// refusedCheaply requires an error for the sender, and that only memory in proportion to the body was allocated.
func refusedCheaply(t *testing.T, body []byte, message string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := DecodeBatch(body)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, store.ErrInvalid)
	require.ErrorContains(t, err, message)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(body)*4+(1<<20)))
}

func TestCompressedRecordsAreRefused(t *testing.T) {
	b := batch(1)
	b.Events[0].Properties = []byte(`{"a":"` + strings.Repeat("x", 1<<20-16) + `"}`)
	for range 63 {
		b.Events = append(b.Events, b.Events[0])
	}
	record := event.ToRecord(memory.DefaultAllocator, b.Events)
	defer record.Release()
	metadata := arrow.NewMetadata([]string{metaBatch}, []string{`{"source":"shop"}`})
	schema := arrow.NewSchema(event.Schema.Fields(), &metadata)
	for name, option := range map[string]ipc.Option{"lz4": ipc.WithLZ4(), "zstd": ipc.WithZstd()} {
		t.Run(name, func(t *testing.T) {
			var body bytes.Buffer
			w := ipc.NewWriter(&body, ipc.WithSchema(schema), option)
			require.NoError(t, w.Write(array.NewRecordBatch(schema, record.Columns(), record.NumRows())))
			require.NoError(t, w.Close())
			require.Less(t, body.Len(), 1<<20)
			refusedCheaply(t, body.Bytes(), "compressed")
		})
	}
}

func TestDictionariesAreRefused(t *testing.T) {
	metadata := arrow.NewMetadata([]string{metaBatch}, []string{`{"source":"shop"}`})
	kind := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: kind}}, &metadata)
	var body bytes.Buffer
	w := ipc.NewWriter(&body, ipc.WithSchema(schema))
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	require.NoError(t, builder.Field(0).(*array.BinaryDictionaryBuilder).AppendString("a"))
	require.NoError(t, w.Write(builder.NewRecordBatch()))
	require.NoError(t, w.Close())
	refusedCheaply(t, body.Bytes(), "dictionary")
}

// messages returns the positions of the metadata of a stream's messages.
func messages(stream []byte) (at [][2]int) {
	for i := 0; ; {
		n := int(binary.LittleEndian.Uint32(stream[i+4:]))
		if n == 0 {
			return at
		}
		i += 8
		at = append(at, [2]int{i, i + n})
		message := flatbuffers.Table{Bytes: stream[i : i+n], Pos: flatbuffers.GetUOffsetT(stream[i : i+n])}
		i += n + int(message.GetInt64Slot(messageBody, 0))
	}
}

// Changes the metadata of a valid stream.
func TestDamagedStreamsAreRefused(t *testing.T) {
	good, err := EncodeBatch(batch(300))
	require.NoError(t, err)
	record := func(b []byte) (flatbuffers.Table, flatbuffers.UOffsetT) {
		at := messages(b)[1]
		message := flatbuffers.Table{Bytes: b[at[0]:at[1]], Pos: flatbuffers.GetUOffsetT(b[at[0]:at[1]])}
		var header flatbuffers.Table
		message.Union(&header, flatbuffers.UOffsetT(message.Offset(messageHeader)))
		return header, header.Vector(flatbuffers.UOffsetT(header.Offset(recordBuffers)))
	}
	for name, spoil := range map[string]func(b []byte){
		"the length of the body": func(b []byte) {
			at := messages(b)[1]
			message := flatbuffers.Table{Bytes: b[at[0]:at[1]], Pos: flatbuffers.GetUOffsetT(b[at[0]:at[1]])}
			message.MutateInt64Slot(messageBody, 1<<40)
		},
		"the length of the metadata": func(b []byte) { binary.LittleEndian.PutUint32(b[4:], 1<<30) },
		"the length of a column": func(b []byte) {
			header, start := record(b)
			header.MutateInt64(start+16+8, 1<<40)
		},
		"the place of a column": func(b []byte) {
			header, start := record(b)
			n := flatbuffers.UOffsetT(header.VectorLen(flatbuffers.UOffsetT(header.Offset(recordBuffers))))
			for i := flatbuffers.UOffsetT(0); i < n; i++ {
				if header.GetInt64(start+i*16+8) > 0 {
					header.MutateInt64(start+i*16, 0)
				}
			}
		},
		"the number of rows": func(b []byte) {
			header, _ := record(b)
			header.MutateInt64Slot(4, 1<<40)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := bytes.Clone(good)
			spoil(b)
			refusedCheaply(t, b, "")
		})
	}
}

// A schema of a few hundred bytes whose fields have the same two children, forty levels deep.
func TestNestedSchemasAreRefused(t *testing.T) {
	b := flatbuffers.NewBuilder(0)
	name := b.CreateString("x")
	b.StartObject(0)
	structType := b.EndObject()
	var field flatbuffers.UOffsetT
	for range 40 {
		var children flatbuffers.UOffsetT
		if field != 0 {
			b.StartVector(4, 2, 4)
			b.PrependUOffsetT(field)
			b.PrependUOffsetT(field)
			children = b.EndVector(2)
		}
		b.StartObject(7)
		b.PrependUOffsetTSlot(0, name, 0)
		b.PrependByteSlot(2, 13, 0) // Struct_
		b.PrependUOffsetTSlot(3, structType, 0)
		if children != 0 {
			b.PrependUOffsetTSlot(5, children, 0)
		}
		field = b.EndObject()
	}
	b.StartVector(4, 1, 4)
	b.PrependUOffsetT(field)
	fields := b.EndVector(1)
	b.StartObject(4)
	b.PrependUOffsetTSlot(1, fields, 0)
	schema := b.EndObject()
	b.StartObject(5)
	b.PrependInt16Slot(0, 4, 0)
	b.PrependByteSlot(1, kindSchema, 0)
	b.PrependUOffsetTSlot(2, schema, 0)
	b.Finish(b.EndObject())
	metadata := b.FinishedBytes()
	require.Less(t, len(metadata), 8<<10)
	stream := binary.LittleEndian.AppendUint32([]byte{0xff, 0xff, 0xff, 0xff}, uint32(len(metadata)))
	stream = append(append(stream, metadata...), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)
	refusedCheaply(t, stream, "too many")
}
