// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/mapping/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxObject is the size of the JSON of properties or traits, in bytes. Ingestion can allow less.
const maxObject = 32 << 10

// maxDepth is the nesting depth of a value that an expression returns.
const maxDepth = 32

var (
	errDeep  = errors.New("the value is nested too deeply")
	errKind  = errors.New("the value cannot be written as JSON")
	errLarge = fmt.Errorf("the values take more than %d bytes", maxObject)
)

// scalar returns the Go value of a text, number or time; nil for nil, and for any other value something that no conversion accepts.
func scalar(v ref.Val) any {
	switch v := v.(type) {
	case nil:
		return nil
	case types.String:
		return string(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		return float64(v)
	case types.Timestamp:
		return v.Time
	case number.Long:
		return json.Number(v.Text)
	}
	return v
}

// room is the remaining size of JSON values in bytes. A rule can use one large value of a document for each of its events, so values that would be
// refused in the end must not be built.
type room int

// take subtracts a value of n bytes and its separator.
func (r *room) take(n int) error {
	if *r -= room(n + 1); *r < 0 {
		return errLarge
	}
	return nil
}

// native returns the Go value of any value, in the forms of value.Decode.
func (r *room) native(v ref.Val, depth int) (any, error) {
	if depth == 0 {
		return nil, errDeep
	}
	if err := r.take(textBytes(v)); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.String, types.Int, types.Uint, number.Long:
		return scalar(v), nil
	case types.Double:
		return finite(float64(v))
	case types.Bytes:
		return base64.StdEncoding.EncodeToString(v), nil
	case types.Timestamp:
		return v.UTC().Format(time.RFC3339Nano), nil
	case types.Duration:
		return v.String(), nil
	case *types.Optional:
		if !v.HasValue() {
			return nil, nil
		}
		return r.native(v.GetValue(), depth)
	case traits.Mapper:
		return r.nativeMap(v, depth)
	case traits.Lister:
		return r.nativeList(v, depth)
	}
	return nil, errKind
}

// finite refuses numbers that JSON does not have.
func finite(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, errKind
	}
	return v, nil
}

// textBytes returns the length of a text; other values count as one byte, their minimum.
func textBytes(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	}
	return 1
}

func (r *room) nativeMap(m traits.Mapper, depth int) (any, error) {
	out := make(map[string]any)
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := value.Text(scalar(key))
		if !ok {
			return nil, errKind
		}
		if err := r.take(len(name)); err != nil {
			return nil, err
		}
		e, err := r.native(m.Get(key), depth-1)
		if err != nil {
			return nil, err
		}
		out[name] = e
	}
	return out, nil
}

func (r *room) nativeList(l traits.Lister, depth int) (any, error) {
	out := []any{}
	for it := l.Iterator(); it.HasNext() == types.True; {
		e, err := r.native(it.Next(), depth-1)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
