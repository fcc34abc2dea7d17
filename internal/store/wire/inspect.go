// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
)

// A few bytes of an Arrow stream determine how much memory its reader allocates: a body can be compressed, columns can share their bytes,
// dictionaries can have any length, and the fields of a schema can be the same table repeatedly, nested. A stream is therefore inspected before
// Arrow's reader gets it. Of a batch, only what EncodeBatch writes passes: plain columns, one after the other. Scans can have dictionaries, too.

// Limits on the parts of a stream.
const (
	// maxMetadata is the size of the metadata of a message; that of the schema contains cursor and counters.
	maxMetadata = 1 << 20
	// maxFields is the number of fields of a schema, including nested ones; below it, the size of their names and metadata.
	maxFields    = 128
	maxFieldText = 16 << 10
	// maxBuffers is the number of buffers of a record: an event has fewer than a hundred.
	maxBuffers = 512
)

// Kinds of messages, and slots of the tables in Arrow's Message.fbs and Schema.fbs.
const (
	kindSchema     = 1
	kindDictionary = 2
	kindRecord     = 3

	messageKind, messageHeader, messageBody = 6, 8, 10
	schemaFields, schemaMetadata            = 6, 8
	fieldName, fieldDictionary              = 4, 12
	fieldChildren, fieldMetadata            = 14, 16
	recordBuffers, recordCompression        = 8, 10
	dictionaryRecord                        = 6
	pairKey, pairValue                      = 4, 6
)

var errStream = errors.New("the body is not an Arrow stream, or is incomplete")

// inspect returns an error if a stream is invalid. It allocates nothing, whatever the stream contains.
func inspect(stream []byte) (err error) {
	defer func() {
		// Offsets outside the message end here, as in Arrow's reader.
		if p := recover(); p != nil {
			err = errStream
		}
	}()
	for first := true; ; first = false {
		if len(stream) < 8 || binary.LittleEndian.Uint32(stream) != 0xffffffff {
			return errStream
		}
		length := int64(binary.LittleEndian.Uint32(stream[4:]))
		stream = stream[8:]
		if length == 0 {
			if first || len(stream) > 0 {
				return errStream
			}
			return nil
		}
		if length > maxMetadata {
			return fmt.Errorf("a message has metadata of %d bytes, over %d", length, maxMetadata)
		}
		body, err := inspectMessage(stream[:length], first, int64(len(stream))-length, false)
		if err != nil {
			return err
		}
		stream = stream[length+body:]
	}
}

// inspectMessage returns the length of the message's body, which is at most rest bytes.
func inspectMessage(metadata []byte, first bool, rest int64, dictionaries bool) (int64, error) {
	message := flatbuffers.Table{Bytes: metadata, Pos: flatbuffers.GetUOffsetT(metadata)}
	body := message.GetInt64Slot(messageBody, 0)
	if body < 0 || body > rest {
		return 0, errStream
	}
	var header flatbuffers.Table
	at := message.Offset(messageHeader)
	if at == 0 {
		return 0, errStream
	}
	message.Union(&header, flatbuffers.UOffsetT(at))
	switch kind := message.GetByteSlot(messageKind, 0); {
	case first && kind == kindSchema && body == 0:
		return 0, inspectSchema(&header, dictionaries)
	case !first && kind == kindRecord:
		return body, inspectRecord(&header, body)
	case !first && kind == kindDictionary && dictionaries && header.Offset(dictionaryRecord) != 0:
		record := flatbuffers.Table{Bytes: header.Bytes, Pos: header.Indirect(header.Pos + flatbuffers.UOffsetT(header.Offset(dictionaryRecord)))}
		return body, inspectRecord(&record, body)
	}
	return 0, errors.New("a batch is a schema and records, without dictionaries")
}

func inspectSchema(schema *flatbuffers.Table, dictionaries bool) error {
	b := schemaBudget{fields: maxFields, text: maxFieldText, dictionaries: dictionaries}
	err := each(schema, schemaFields, b.field)
	metadata := schemaBudget{fields: maxFields, text: maxMetadata}
	return errors.Join(err, each(schema, schemaMetadata, metadata.pair))
}

// schemaBudget is the remaining budget for a schema's tables, reduced each time that one is visited.
type schemaBudget struct {
	fields, text int
	dictionaries bool
}

var errSchema = errors.New("the schema has too many or too long fields, or is not that of events")

func (b *schemaBudget) field(t *flatbuffers.Table) error {
	if b.fields--; b.fields < 0 {
		return errSchema
	}
	if t.Offset(fieldDictionary) != 0 && !b.dictionaries {
		return errors.New("a column has a dictionary")
	}
	if err := errors.Join(b.take(t, fieldName), each(t, fieldMetadata, b.pair)); err != nil {
		return err
	}
	return each(t, fieldChildren, b.field)
}

func (b *schemaBudget) pair(t *flatbuffers.Table) error {
	if b.fields--; b.fields < 0 {
		return errSchema
	}
	return errors.Join(b.take(t, pairKey), b.take(t, pairValue))
}

func (b *schemaBudget) take(t *flatbuffers.Table, slot flatbuffers.VOffsetT) error {
	if o := t.Offset(slot); o != 0 {
		b.text -= len(t.ByteVector(t.Pos + flatbuffers.UOffsetT(o)))
	}
	if b.text < 0 {
		return errSchema
	}
	return nil
}

// each calls f for the tables of a vector, until it returns an error.
func each(t *flatbuffers.Table, slot flatbuffers.VOffsetT, f func(*flatbuffers.Table) error) error {
	o := flatbuffers.UOffsetT(t.Offset(slot))
	if o == 0 {
		return nil
	}
	start := t.Vector(o)
	for i := range t.VectorLen(o) {
		element := flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(start + flatbuffers.UOffsetT(i)*4)}
		if err := f(&element); err != nil {
			return err
		}
	}
	return nil
}

// inspectRecord refuses compression, and columns that share bytes. The number of bytes to read is then at most the length of the body.
func inspectRecord(record *flatbuffers.Table, body int64) error {
	if record.Offset(recordCompression) != 0 {
		return errors.New("a record is compressed; send it as it is")
	}
	o := flatbuffers.UOffsetT(record.Offset(recordBuffers))
	if o == 0 {
		return errStream
	}
	n := record.VectorLen(o)
	if n > maxBuffers {
		return errSchema
	}
	start, end := record.Vector(o), int64(0)
	for i := range n {
		at := start + flatbuffers.UOffsetT(i)*16
		offset, length := record.GetInt64(at), record.GetInt64(at+8)
		if length < 0 || offset < 0 || length > 0 && offset < end || offset+length > body {
			return errors.New("the columns of a record overlap, or leave its body")
		}
		if length > 0 {
			end = offset + length
		}
	}
	return nil
}
