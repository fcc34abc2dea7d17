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

// maxObject is the greatest size of the JSON of properties or traits, in bytes; ingestion may allow less.
const maxObject = 32 << 10

// maxDepth of a value that an expression gives.
const maxDepth = 32

var (
	errDeep  = errors.New("the value is nested too deeply")
	errKind  = errors.New("the value cannot be written as JSON")
	errLarge = fmt.Errorf("the values take more than %d bytes", maxObject)
)

// scalar returns the Go value of a text, number or time; nil for nil, and something that no conversion takes for the rest.
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

// room is how many bytes of JSON values may still take. A rule may name one large value of a document for each of its events, so that what
// would be refused at the end must not be built before.
type room int

// take counts a value of n bytes and its separator.
func (r *room) take(n int) error {
	if *r -= room(n + 1); *r < 0 {
		return errLarge
	}
	return nil
}

// native returns the Go value of anything, in the forms that value.Decode gives.
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

// finite refuses what JSON has no number for.
func finite(v float64) (any, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, errKind
	}
	return v, nil
}

// textBytes is the length of a text; other values count as the one byte that they have at least.
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
