// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"bytes"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/float16"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// parquetOf writes a file with one column, one value and a null.
func parquetOf(t testing.TB, of arrow.DataType, set func(array.Builder), o ...pqarrow.WriterOption) string {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "c", Type: of, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	set(b.Field(0))
	b.Field(0).AppendNull()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(schema, &out, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy)),
		pqarrow.NewArrowWriterProperties(append(o, pqarrow.WithStoreSchema())...))
	require.NoError(t, err)
	require.NoError(t, w.Write(b.NewRecordBatch()))
	require.NoError(t, w.Close())
	return out.String()
}

func bigInt(t testing.TB, text string) *big.Int {
	n, ok := new(big.Int).SetString(text, 10)
	require.True(t, ok)
	return n
}

// Each type is read with its meaning and all digits.
func TestParquetValues(t *testing.T) {
	at := time.Date(2026, 5, 1, 10, 0, 0, 123456789, time.UTC)
	stamp := func(unit arrow.TimeUnit, zone string) (arrow.DataType, func(array.Builder)) {
		return &arrow.TimestampType{Unit: unit, TimeZone: zone}, func(b array.Builder) {
			v, err := arrow.TimestampFromTime(at, unit)
			require.NoError(t, err)
			b.(*array.TimestampBuilder).Append(v)
		}
	}
	item := arrow.StructOf(arrow.Field{Name: "price", Type: &arrow.Decimal128Type{Precision: 38, Scale: 2}}, arrow.Field{Name: "none", Type: arrow.BinaryTypes.String, Nullable: true})
	type entry struct {
		of  arrow.DataType
		set func(array.Builder)
	}
	of := func(t arrow.DataType, set func(array.Builder)) entry { return entry{t, set} }
	for name, c := range map[string]struct {
		entry
		want, note string
	}{
		"decimal of 38 digits": {of(&arrow.Decimal128Type{Precision: 38, Scale: 2}, func(b array.Builder) {
			b.(*array.Decimal128Builder).Append(decimal128.FromBigInt(bigInt(t, "12345678901234567890123456789012345678")))
		}), `"123456789012345678901234567890123456.78"`, ""},
		"decimal of 76 digits": {of(&arrow.Decimal256Type{Precision: 76, Scale: 6}, func(b array.Builder) {
			b.(*array.Decimal256Builder).Append(decimal256.FromBigInt(bigInt(t, "-"+strings.Repeat("1234567890", 7)+"123456")))
		}), `"-` + strings.Repeat("1234567890", 7) + `.123456"`, ""},
		"decimal below one": {of(&arrow.Decimal128Type{Precision: 9, Scale: 4}, func(b array.Builder) {
			b.(*array.Decimal128Builder).Append(decimal128.FromI64(-5))
		}), `"-0.0005"`, ""},
		"small decimal": {of(&arrow.Decimal128Type{Precision: 18, Scale: 9}, func(b array.Builder) {
			b.(*array.Decimal128Builder).Append(decimal128.FromI64(5))
		}), `"0.000000005"`, ""},
		"unsigned": {of(arrow.PrimitiveTypes.Uint64, func(b array.Builder) { b.(*array.Uint64Builder).Append(math.MaxUint64) }), "18446744073709551615", ""},
		"integer":  {of(arrow.PrimitiveTypes.Int64, func(b array.Builder) { b.(*array.Int64Builder).Append(math.MinInt64) }), "-9223372036854775808", ""},
		"byte":     {of(arrow.PrimitiveTypes.Uint8, func(b array.Builder) { b.(*array.Uint8Builder).Append(200) }), "200", ""},
		"float16":  {of(arrow.FixedWidthTypes.Float16, func(b array.Builder) { b.(*array.Float16Builder).Append(float16.New(1.5)) }), "1.5", ""},
		"float32":  {of(arrow.PrimitiveTypes.Float32, func(b array.Builder) { b.(*array.Float32Builder).Append(129.9) }), "129.9", ""},
		"float64":  {of(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(0.1) }), "0.1", ""},
		"NaN":      {of(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(math.NaN()) }), "null", ""},
		"infinite": {of(arrow.PrimitiveTypes.Float64, func(b array.Builder) { b.(*array.Float64Builder).Append(math.Inf(1)) }),
			`bad-row: the value of column "c" is infinite`, ""},
		"bool":   {of(arrow.FixedWidthTypes.Boolean, func(b array.Builder) { b.(*array.BooleanBuilder).Append(true) }), "true", ""},
		"text":   {of(arrow.BinaryTypes.LargeString, func(b array.Builder) { b.(*array.LargeStringBuilder).Append("Zoë") }), `"Zoë"`, ""},
		"broken": {of(arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).Append("Zo\xeb") }), `is marked as text but is not UTF-8`, ""},
		"text without a type": {of(arrow.BinaryTypes.Binary, func(b array.Builder) { b.(*array.BinaryBuilder).Append([]byte("Zoë")) }), `"Zoë"`,
			`column "c" is binary without a type: read as text in UTF-8`},
		"bytes": {of(arrow.BinaryTypes.Binary, func(b array.Builder) { b.(*array.BinaryBuilder).Append([]byte{0xff, 0}) }), "is binary and not UTF-8 text",
			`column "c" is binary without a type: read as text in UTF-8`},
		"fixed text": {of(&arrow.FixedSizeBinaryType{ByteWidth: 3}, func(b array.Builder) { b.(*array.FixedSizeBinaryBuilder).Append([]byte("EUR")) }), `"EUR"`,
			`column "c" is binary without a type: read as text in UTF-8`},
		"UUID": {of(extensions.NewUUIDType(), func(b array.Builder) {
			b.(*extensions.UUIDBuilder).Append(uuid.MustParse("019a77aa-0001-7000-8000-00000000a001"))
		}), `"019a77aa-0001-7000-8000-00000000a001"`, ""},
		"day":               {of(arrow.FixedWidthTypes.Date32, func(b array.Builder) { b.(*array.Date32Builder).Append(arrow.Date32FromTime(at)) }), `"2026-05-01"`, ""},
		"time of day":       {of(arrow.FixedWidthTypes.Time64us, func(b array.Builder) { b.(*array.Time64Builder).Append(3_723_500_000) }), `"01:02:03.5"`, ""},
		"time of day in ms": {of(arrow.FixedWidthTypes.Time32ms, func(b array.Builder) { b.(*array.Time32Builder).Append(3_723_000) }), `"01:02:03"`, ""},
		"dictionary": {of(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, func(b array.Builder) {
			require.NoError(t, b.(*array.BinaryDictionaryBuilder).AppendString("gold"))
		}), `"gold"`, ""},
		"list": {of(arrow.ListOf(arrow.PrimitiveTypes.Int64), func(b array.Builder) {
			l := b.(*array.ListBuilder)
			l.Append(true)
			l.ValueBuilder().(*array.Int64Builder).AppendValues([]int64{1, 2, 0}, []bool{true, true, false})
		}), "[1,2,null]", ""},
		"list of objects": {of(arrow.ListOf(item), func(b array.Builder) {
			l := b.(*array.ListBuilder)
			l.Append(true)
			s := l.ValueBuilder().(*array.StructBuilder)
			s.Append(true)
			s.FieldBuilder(0).(*array.Decimal128Builder).Append(decimal128.FromBigInt(bigInt(t, "1234567890123456789012345")))
			s.FieldBuilder(1).AppendNull()
		}), `[{"price":"12345678901234567890123.45"}]`, ""},
		"map": {of(arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), func(b array.Builder) {
			m := b.(*array.MapBuilder)
			m.Append(true)
			m.KeyBuilder().(*array.StringBuilder).Append("a")
			m.ItemBuilder().(*array.Int64Builder).Append(1)
		}), `{"a":1}`, ""},
		"map with a key twice": {of(arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), func(b array.Builder) {
			m := b.(*array.MapBuilder)
			m.Append(true)
			m.KeyBuilder().(*array.StringBuilder).AppendValues([]string{"a", "a"}, nil)
			m.ItemBuilder().(*array.Int64Builder).AppendValues([]int64{1, 2}, nil)
		}), `is a map whose keys`, ""},
	} {
		content := parquetOf(t, c.of, c.set)
		got, notes := parquetCell(t, content)
		require.Contains(t, got, c.want, name)
		require.Equal(t, c.note, notes, name)
	}
	const local = `the times of column "c" are local times in a zone that the file does not name: read as UTC`
	for unit, want := range map[arrow.TimeUnit]string{
		arrow.Millisecond: "2026-05-01T10:00:00.123Z", arrow.Microsecond: "2026-05-01T10:00:00.123456Z", arrow.Nanosecond: "2026-05-01T10:00:00.123456789Z",
	} {
		for zone, note := range map[string]string{"": local, "UTC": ""} {
			typ, set := stamp(unit, zone)
			got, notes := parquetCell(t, parquetOf(t, typ, set))
			require.Equal(t, `"`+want+`"`, got)
			require.Equal(t, note, notes, "%s in %q", unit, zone)
		}
	}
	typ, set := stamp(arrow.Nanosecond, "")
	got, notes := parquetCell(t, parquetOf(t, typ, set, pqarrow.WithDeprecatedInt96Timestamps(true)))
	require.Equal(t, `"2026-05-01T10:00:00.123456789Z"`, got, "INT96, as Spark and Impala write it")
	require.Equal(t, `the times of column "c" have the old type INT96, which has no zone: read as UTC`, notes)
}

// parquetCell returns the value of the only column in the first row as JSON, or the error, and the notes.
func parquetCell(t testing.TB, content string) (cell, notes string) {
	f, rows, err := all(t, "f.parquet", content, Options{})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	require.Nil(t, rows[1].Values["c"], "a null is missing")
	if rows[0].Bad != nil {
		return rows[0].Bad.Error(), strings.Join(f.Notes(), "|")
	}
	raw, err := value.Encode(rows[0].Values["c"])
	require.NoError(t, err)
	return string(raw), strings.Join(f.Notes(), "|")
}

// A compressed Parquet file is decompressed first, because its directory is at the end.
func TestCompressedParquet(t *testing.T) {
	content := parquetOf(t, arrow.PrimitiveTypes.Int64, func(b array.Builder) { b.(*array.Int64Builder).Append(1) })
	for _, c := range []string{content, gzipped(t, content), zstandard(t, content)} {
		_, rows, err := all(t, "f", c, Options{})
		require.NoError(t, err)
		require.Equal(t, []string{"1 [c:1]", "2 []"}, described(rows))
	}
}

// A truncated or changed file gives an error and no panic.
func TestDamagedParquet(t *testing.T) {
	content := parquetOf(t, arrow.BinaryTypes.String, func(b array.Builder) { b.(*array.StringBuilder).Append("a") })
	_, _, err := all(t, "f", content[:len(content)-9], Options{})
	require.ErrorContains(t, err, "reading Parquet")
	path := filepath.Join(t.TempDir(), "f")
	for i := 4; i < len(content); i++ {
		for _, flip := range []byte{0xff, 0x01, 0x80} {
			bent := []byte(content)
			bent[i] ^= flip
			require.NoError(t, os.WriteFile(path, bent, 0o600))
			f, err := Open(path, Options{})
			if err != nil {
				continue
			}
			_ = f.Each(func(Row) error { return nil })
			require.NoError(t, f.Close())
		}
	}
}
