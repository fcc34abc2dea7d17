// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	flatbuffers "github.com/google/flatbuffers/go"
	"github.com/stretchr/testify/require"
)

// packedStream is a stream with a dictionary and two records.
func packedStream(t *testing.T) []byte {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "event", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: arrow.BinaryTypes.String}},
	}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema), ipc.WithDictionaryDeltas(true))
	for _, name := range []string{"Viewed", "Bought"} {
		require.NoError(t, builder.Field(0).(*array.BinaryDictionaryBuilder).AppendString(name))
		require.NoError(t, w.Write(builder.NewRecordBatch()))
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// tableOf returns the message at a place of the stream, and its header.
func tableOf(b []byte, at [2]int) (message, header flatbuffers.Table) {
	message = flatbuffers.Table{Bytes: b[at[0]:at[1]], Pos: flatbuffers.GetUOffsetT(b[at[0]:at[1]])}
	message.Union(&header, flatbuffers.UOffsetT(message.Offset(messageHeader)))
	return message, header
}

// A stream passes unchanged. What claims more than there is, is refused before memory is allocated for it.
func TestInspectScan(t *testing.T) {
	const limit = 1 << 20
	good := packedStream(t)
	same, err := io.ReadAll(InspectScan(bytes.NewReader(good), limit))
	require.NoError(t, err)
	require.Equal(t, good, same)
	for name, spoil := range map[string]func(b []byte){
		"the length of the metadata": func(b []byte) { binary.LittleEndian.PutUint32(b[4:], 1<<30) },
		"the length of a body": func(b []byte) {
			message, _ := tableOf(b, messages(b)[2])
			message.MutateInt64Slot(messageBody, limit+8)
		},
		"the number of fields": func(b []byte) {
			_, header := tableOf(b, messages(b)[0])
			fields := header.Pos + flatbuffers.UOffsetT(header.Offset(schemaFields))
			binary.LittleEndian.PutUint32(header.Bytes[header.Indirect(fields):], 1<<30)
		},
		"the length of a dictionary's column": func(b []byte) {
			_, header := tableOf(b, messages(b)[1])
			record := flatbuffers.Table{Bytes: header.Bytes, Pos: header.Indirect(header.Pos + flatbuffers.UOffsetT(header.Offset(dictionaryRecord)))}
			buffers := record.Vector(flatbuffers.UOffsetT(record.Offset(recordBuffers)))
			record.MutateInt64(buffers+16+8, 1<<40)
		},
		"a schema in the midst": func(b []byte) {
			message, _ := tableOf(b, messages(b)[2])
			message.MutateByteSlot(messageKind, kindSchema)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := bytes.Clone(good)
			spoil(b)
			require.NotEqual(t, good, b)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := io.ReadAll(InspectScan(bytes.NewReader(b), limit))
			runtime.ReadMemStats(&after)
			require.Error(t, err)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(limit))
		})
	}
}
