// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"bytes"
	"context"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/thrift/lib/go/thrift"
)

// Kinds of pages.
const (
	dataPageV1 = 0
	dictPage   = 2
	dataPageV2 = 3
)

// header is the part of a page header that is needed. Source: the Parquet format, struct PageHeader.
type header struct {
	kind, bytes int32
	values      int32
	encoding    parquet.Encoding
	levels      int32 // size of the levels before the values of a page of version 2
}

// headerReader reads headers of pages, in Thrift's compact protocol.
type headerReader struct {
	buffer   bytes.Buffer
	protocol *thrift.TCompactProtocol
}

// read returns the header at the start of the bytes and its length.
func (h *headerReader) read(data []byte) (out header, n int, err error) {
	if h.protocol == nil {
		h.protocol = thrift.NewTCompactProtocolConf(&thrift.TMemoryBuffer{Buffer: &h.buffer}, &thrift.TConfiguration{})
	}
	h.buffer.Reset()
	h.buffer.Write(data)
	err = h.fields(func(id int16) (*int32, bool) {
		switch id {
		case 1:
			return &out.kind, true
		case 3:
			return &out.bytes, true
		case 5, 7, 8:
			return nil, true
		}
		return nil, false
	}, func(id int16) error { return h.page(id, &out) })
	return out, len(data) - h.buffer.Len(), err
}

// page reads the struct of one kind of page.
func (h *headerReader) page(kind int16, out *header) error {
	var encoding, definition, repetition int32
	err := h.fields(func(id int16) (*int32, bool) {
		switch {
		case id == 1:
			return &out.values, true
		case kind != 8 && id == 2, kind == 8 && id == 4:
			return &encoding, true
		case kind == 8 && id == 5:
			return &definition, true
		case kind == 8 && id == 6:
			return &repetition, true
		}
		return nil, false
	}, nil)
	out.encoding, out.levels = parquet.Encoding(encoding), definition+repetition
	return err
}

// fields reads a struct. For a wanted field, field returns the destination of a number, or nil for a struct, which inner reads. It skips other fields.
func (h *headerReader) fields(field func(id int16) (*int32, bool), inner func(id int16) error) error {
	ctx := context.Background()
	if _, err := h.protocol.ReadStructBegin(ctx); err != nil {
		return err
	}
	for {
		_, kind, id, err := h.protocol.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		if kind == thrift.STOP {
			return h.protocol.ReadStructEnd(ctx)
		}
		switch at, wanted := field(id); {
		case wanted && at != nil && kind == thrift.I32:
			*at, err = h.protocol.ReadI32(ctx)
		case wanted && at == nil && kind == thrift.STRUCT && inner != nil:
			err = inner(id)
		default:
			err = h.protocol.Skip(ctx, kind)
		}
		if err != nil {
			return err
		}
	}
}
