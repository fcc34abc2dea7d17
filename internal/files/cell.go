// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/journeyman-dev/journeyman/internal/value"
)

var (
	errBinary   = errors.New("is binary and not UTF-8 text: leave the column out, or write it as text")
	errNoUTF8   = errors.New("is marked as text but is not UTF-8")
	errInfinite = errors.New("is infinite")
	errKeys     = errors.New("is a map whose keys are neither texts nor numbers, or appear twice")
)

// cellOf returns a value as in JSON, or nil for a missing one. Decimals keep all digits, times become texts with a zone, and NaN is missing, as tools
// for data frames treat it.
func cellOf(column arrow.Array, i int) (any, error) {
	if column.IsNull(i) {
		return nil, nil
	}
	if cell, ok, err := textCell(column, i); ok {
		return cell, err
	}
	if cell, ok, err := numberCell(column, i); ok {
		return cell, err
	}
	if text, ok := timeCell(column, i); ok {
		return text, nil
	}
	switch column := column.(type) {
	case *array.Boolean:
		return column.Value(i), nil
	case *array.Dictionary:
		return cellOf(column.Dictionary(), column.GetValueIndex(i))
	case *array.Map:
		return mapCell(column, i)
	case array.ListLike:
		return listCell(column, i)
	case *array.Struct:
		return structCell(column, i)
	case *extensions.UUIDArray:
		return column.ValueStr(i), nil
	case *extensions.JSONArray:
		return jsonCell(column.ValueStr(i))
	case array.ExtensionArray:
		return cellOf(column.Storage(), i)
	}
	raw, err := json.Marshal(column.GetOneForMarshal(i))
	if err != nil {
		return nil, fmt.Errorf("is of type %s and cannot be written as JSON", column.DataType())
	}
	return value.Decode(raw)
}

// textCell reads texts and bytes.
func textCell(column arrow.Array, i int) (cell any, ok bool, err error) {
	var raw []byte
	switch column := column.(type) {
	case array.StringLike:
		text := column.Value(i)
		if !utf8.ValidString(text) {
			return nil, true, errNoUTF8
		}
		return text, true, nil
	case *array.Binary:
		raw = column.Value(i)
	case *array.LargeBinary:
		raw = column.Value(i)
	case *array.FixedSizeBinary:
		raw = column.Value(i)
	default:
		return nil, false, nil
	}
	if !utf8.Valid(raw) {
		return nil, true, errBinary
	}
	return string(raw), true, nil
}

// numberCell reads numbers of all sizes.
func numberCell(column arrow.Array, i int) (cell any, ok bool, err error) {
	if text := decimalText(column, i); text != "" {
		return text, true, nil
	}
	switch column := column.(type) {
	case *array.Int8:
		return int64(column.Value(i)), true, nil
	case *array.Int16:
		return int64(column.Value(i)), true, nil
	case *array.Int32:
		return int64(column.Value(i)), true, nil
	case *array.Int64:
		return column.Value(i), true, nil
	case *array.Uint8:
		return int64(column.Value(i)), true, nil
	case *array.Uint16:
		return int64(column.Value(i)), true, nil
	case *array.Uint32:
		return int64(column.Value(i)), true, nil
	case *array.Uint64:
		cell, err = value.Decode([]byte(strconv.FormatUint(column.Value(i), 10)))
		return cell, true, err
	case *array.Float16:
		cell, err = floatCell(float64(column.Value(i).Float32()), 32)
		return cell, true, err
	case *array.Float32:
		cell, err = floatCell(float64(column.Value(i)), 32)
		return cell, true, err
	case *array.Float64:
		cell, err = floatCell(column.Value(i), 64)
		return cell, true, err
	}
	return nil, false, nil
}

// decimalText formats a decimal with all its digits and no exponent. The array's own formatting goes through a float, and gives 5e-09. It returns an
// empty text for other columns.
func decimalText(column arrow.Array, i int) string {
	decimal, ok := column.DataType().(arrow.DecimalType)
	if !ok {
		return ""
	}
	scale := decimal.GetScale()
	switch column := column.(type) {
	case *array.Decimal32:
		return column.Value(i).ToString(scale)
	case *array.Decimal64:
		return column.Value(i).ToString(scale)
	case *array.Decimal128:
		return column.Value(i).ToString(scale)
	case *array.Decimal256:
		return column.Value(i).ToString(scale)
	}
	return ""
}

// floatCell returns a number with the digits that people would write: 129.9 for the 32-bit number that is closest to it.
func floatCell(f float64, bits int) (any, error) {
	switch {
	case math.IsNaN(f):
		return nil, nil
	case math.IsInf(f, 0):
		return nil, errInfinite
	}
	return value.Decode([]byte(strconv.FormatFloat(f, 'g', -1, bits)))
}

// timeCell reads times: with a zone, days, and times of the day.
func timeCell(column arrow.Array, i int) (string, bool) {
	const clock = "15:04:05.999999999"
	switch column := column.(type) {
	case *array.Timestamp:
		unit := column.DataType().(*arrow.TimestampType).Unit
		return column.Value(i).ToTime(unit).UTC().Format(time.RFC3339Nano), true
	case *array.Date32:
		return column.Value(i).FormattedString(), true
	case *array.Date64:
		return column.Value(i).FormattedString(), true
	case *array.Time32:
		return column.Value(i).ToTime(column.DataType().(*arrow.Time32Type).Unit).Format(clock), true
	case *array.Time64:
		return column.Value(i).ToTime(column.DataType().(*arrow.Time64Type).Unit).Format(clock), true
	}
	return "", false
}

func listCell(column array.ListLike, i int) (any, error) {
	from, to := column.ValueOffsets(i)
	out := make([]any, 0, to-from)
	for j := from; j < to; j++ {
		cell, err := cellOf(column.ListValues(), int(j))
		if err != nil {
			return nil, err
		}
		out = append(out, cell)
	}
	return out, nil
}

func structCell(column *array.Struct, i int) (any, error) {
	fields := column.DataType().(*arrow.StructType).Fields()
	out := make(map[string]any, len(fields))
	for f, field := range fields {
		cell, err := cellOf(column.Field(f), i)
		if err != nil {
			return nil, err
		}
		if cell != nil {
			out[field.Name] = cell
		}
	}
	return out, nil
}

func mapCell(column *array.Map, i int) (any, error) {
	from, to := column.ValueOffsets(i)
	out := map[string]any{}
	for j := int(from); j < int(to); j++ {
		key, err := cellOf(column.Keys(), j)
		if err != nil {
			return nil, err
		}
		name, ok := value.Text(key)
		if _, twice := out[name]; twice || !ok {
			return nil, errKeys
		}
		if out[name], err = cellOf(column.Items(), j); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// jsonCell reads a column that is marked as JSON.
func jsonCell(text string) (any, error) {
	if value.CheckJSON([]byte(text), maxDepth, maxTokens) != nil {
		return nil, errors.New("is JSON with too many levels or values")
	}
	v, err := value.Decode([]byte(text))
	if err != nil {
		return nil, errors.New("is marked as JSON but is not valid JSON")
	}
	return v, nil
}
