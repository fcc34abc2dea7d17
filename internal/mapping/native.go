// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxDepth of a value that an expression gives.
const maxDepth = 32

var (
	errDeep = errors.New("the value is nested too deeply")
	errKind = errors.New("the value cannot be written as JSON")
)

// scalar gives the Go value of a text, number or time; nil for nil, and something that no conversion takes for the rest.
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
	case long:
		return json.Number(v.text)
	}
	return v
}

// native gives the Go value of anything, in the forms that value.Decode gives.
func native(v ref.Val, depth int) (any, error) {
	if depth == 0 {
		return nil, errDeep
	}
	switch v := v.(type) {
	case types.Null:
		return nil, nil
	case types.Bool:
		return bool(v), nil
	case types.String, types.Int, types.Uint, long:
		return scalar(v), nil
	case types.Double:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return nil, errKind
		}
		return float64(v), nil
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
		return native(v.GetValue(), depth)
	case traits.Mapper:
		return nativeMap(v, depth)
	case traits.Lister:
		return nativeList(v, depth)
	}
	return nil, errKind
}

func nativeMap(m traits.Mapper, depth int) (any, error) {
	out := make(map[string]any)
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		name, ok := value.Text(scalar(key))
		if !ok {
			return nil, errKind
		}
		e, err := native(m.Get(key), depth-1)
		if err != nil {
			return nil, err
		}
		out[name] = e
	}
	return out, nil
}

func nativeList(l traits.Lister, depth int) (any, error) {
	out := []any{}
	for it := l.Iterator(); it.HasNext() == types.True; {
		e, err := native(it.Next(), depth-1)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
