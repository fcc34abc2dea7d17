// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// Canonical returns the canonical form of a decoded document, for hashes of its content: fields in order, no spaces, and every number by its value,
// so that 129.9 and 129.90, or 100 and 1e2, are the same. An error wraps ErrJSON and means that a value does not exist in JSON.
func Canonical(document any) ([]byte, error) {
	return appendCanonical(nil, document)
}

func appendCanonical(out []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case map[string]any:
		return appendObject(out, v)
	case []any:
		var err error
		out = append(out, '[')
		for i, e := range v {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = appendCanonical(out, e); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case string, bool, nil:
		raw, err := Encode(v)
		if err != nil {
			return nil, ErrJSON
		}
		return append(out, raw...), nil
	}
	text, ok := numeral(v)
	if !ok {
		return nil, ErrJSON
	}
	if n, ok := decimal.Parse(text); ok {
		text = n.Canonical()
	}
	return append(out, text...), nil
}

func appendObject(out []byte, object map[string]any) ([]byte, error) {
	out = append(out, '{')
	for i, name := range slices.Sorted(maps.Keys(object)) {
		if i > 0 {
			out = append(out, ',')
		}
		quoted, err := Encode(name)
		if err != nil {
			return nil, ErrJSON
		}
		out = append(append(out, quoted...), ':')
		if out, err = appendCanonical(out, object[name]); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// numeral returns a number as JSON writes it.
func numeral(v any) (string, bool) {
	switch v := v.(type) {
	case json.Number:
		return v.String(), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64), true
	}
	return "", false
}
