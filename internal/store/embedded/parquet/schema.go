// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// Format of the files: their columns, and the meaning of these. It is in the footer under formatKey.
const (
	Format    = 1
	formatKey = "journeyman.format"
)

// form of a column in a file.
type form uint8

const (
	// packed columns are compressed with zstd, because few scans read them; in temporary files with Snappy.
	packed form = iota
	// plain columns are uncompressed, because every scan reads them.
	plain
	// coded columns are read by every scan, and are small as codes of a dictionary. In row groups where they are not, they are plain.
	coded
)

var (
	codedColumns = []string{
		anchorColumn, store.ColumnIndex, store.ColumnSource, store.ColumnChannel, store.ColumnKind, store.ColumnInitiator, store.ColumnEvent,
		"timeSource", store.ColumnCurrency, store.ColumnSurveyKind, store.ColumnScore, store.ColumnScale, store.ColumnFlags, "mappingGeneration",
		store.ColumnSeq, store.ColumnClass,
	}
	plainColumns = []string{store.ColumnTime, store.ColumnReceivedAt}
)

// The columns that are not columns of an event.
const (
	personColumn = "person"
	anchorColumn = "anchor"
)

func formOf(name string) form {
	switch {
	case slices.Contains(codedColumns, name):
		return coded
	case slices.Contains(plainColumns, name):
		return plain
	}
	return packed
}

// fields of a sorted file after the person: the anchor of the row, its commit and index in the log, then the columns of the event, then its class.
var fields = func() []arrow.Field {
	list := []arrow.Field{
		{Name: anchorColumn, Type: arrow.PrimitiveTypes.Uint64}, {Name: store.ColumnTime, Type: arrow.PrimitiveTypes.Int64},
		{Name: store.ColumnSeq, Type: arrow.PrimitiveTypes.Int64}, {Name: store.ColumnIndex, Type: arrow.PrimitiveTypes.Int32},
	}
	for _, f := range event.Schema.Fields() {
		switch f.Name {
		case store.ColumnTime:
		case store.ColumnIdentities:
			list = append(list, arrow.Field{Name: f.Name, Type: arrow.ListOf(identityPair), Nullable: true})
		default:
			list = append(list, f)
		}
	}
	return append(list, arrow.Field{Name: store.ColumnClass, Type: arrow.BinaryTypes.String})
}()

// identityPair has parts that can be null, though none is, because the first files were written like that.
var identityPair = arrow.StructOf(
	arrow.Field{Name: "type", Type: arrow.BinaryTypes.String, Nullable: true},
	arrow.Field{Name: "value", Type: arrow.BinaryTypes.String, Nullable: true},
)

// Wants are the columns of the blocks for a Writer, in the order of a file. Identities are texts of event.PackIdentities.
var Wants = func() []block.Want {
	kinds := map[arrow.Type]block.Kind{
		arrow.UINT64: block.Long, arrow.INT64: block.Long, arrow.INT32: block.Int, arrow.UINT8: block.Byte,
		arrow.STRING: block.Text, arrow.LIST: block.Text,
	}
	var list []block.Want
	for _, f := range fields {
		list = append(list, block.Want{Name: f.Name, Kind: kinds[f.Type.ID()]})
	}
	return list
}()

// fileSchema returns the schema and properties for writing a file whose packed columns are compressed with a codec.
func fileSchema(codec compress.Compression) (*schema.Schema, *parquet.WriterProperties, error) {
	options := []parquet.WriterProperty{
		parquet.WithCompression(codec), parquet.WithDictionaryDefault(false), parquet.WithDataPageSize(pageBytes),
		parquet.WithCreatedBy("journeyman"), parquet.WithDictionaryFor(personColumn, true),
		parquet.WithCompressionFor(personColumn, compress.Codecs.Uncompressed),
	}
	for _, w := range Wants {
		if f := formOf(w.Name); f != packed {
			options = append(options, parquet.WithDictionaryFor(w.Name, f == coded), parquet.WithCompressionFor(w.Name, compress.Codecs.Uncompressed))
		}
	}
	properties := parquet.NewWriterProperties(options...)
	all := append([]arrow.Field{{Name: personColumn, Type: arrow.PrimitiveTypes.Uint64}}, fields...)
	s, err := pqarrow.ToParquet(arrow.NewSchema(all, nil), properties, pqarrow.DefaultWriterProps())
	return s, properties, err
}
