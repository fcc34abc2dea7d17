// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// MaxBytes is the size of a record in its sent form. A file can have larger ones only if rows are joined.
const MaxBytes = 4 << 20

// line is a record as a line of NDJSON.
type line struct {
	Position int64             `json:"n"`
	Member   string            `json:"m,omitempty"`
	Line     int               `json:"l"`
	Values   json.RawMessage   `json:"v,omitempty"`
	Content  string            `json:"c,omitempty"`
	Bad      *reject.Rejection `json:"b,omitempty"`
}

// Encode returns a record as a line of NDJSON, without its header. A record that is too large becomes one that cannot be read.
func Encode(r *Record) (json.RawMessage, error) {
	out := line{Position: r.Position, Member: r.Member, Line: r.Line, Content: r.Content, Bad: r.Bad}
	if r.Bad == nil {
		var err error
		if out.Values, err = value.Encode(sent(r.Values)); err != nil {
			return nil, err
		}
	}
	raw, err := value.Encode(out)
	if err != nil || len(raw) <= MaxBytes {
		return raw, err
	}
	out.Values, out.Content = nil, ""
	out.Bad = reject.New(reject.FieldTooLong, "", fmt.Sprintf("the record has more than %d bytes", MaxBytes))
	return value.Encode(out)
}

// Decode returns a record that Encode has written. Its values have the types that they had there.
func Decode(raw []byte) (*Record, error) {
	var in line
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, errors.New("a record is not valid JSON")
	}
	r := &Record{Position: in.Position, Member: in.Member, Line: in.Line, Content: in.Content, Bad: in.Bad}
	var err error
	if r.Bad == nil {
		r.Values, err = objectOf(in.Values)
	}
	return r, err
}

func objectOf(raw []byte) (map[string]any, error) {
	v, err := value.Decode(raw)
	values, ok := v.(map[string]any)
	if err != nil || !ok {
		return nil, errors.New("a record has no values")
	}
	return values, nil
}

// EncodeHeader and DecodeHeader are for the further rows of a header, which are sent before the records that have them.
func EncodeHeader(rows []map[string]any) (json.RawMessage, error) {
	list := make([]any, len(rows))
	for i, row := range rows {
		list[i] = sent(row)
	}
	return value.Encode(list)
}

// DecodeHeader is the opposite of EncodeHeader.
func DecodeHeader(raw json.RawMessage) ([]map[string]any, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, errors.New("a header is not valid JSON")
	}
	var rows []map[string]any
	for _, one := range list {
		row, err := objectOf(one)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// sent replaces the numbers whose type a decoder would not recognise: a whole number that is a float64 is written with an exponent.
func sent(v any) any {
	switch v := v.(type) {
	case float64:
		return json.Number(strconv.FormatFloat(v, 'e', -1, 64))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = sent(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = sent(e)
		}
		return out
	}
	return v
}
