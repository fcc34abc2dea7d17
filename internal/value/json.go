// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

var (
	// ErrDepth means that a document is nested too deeply.
	ErrDepth = errors.New("is nested too deeply")
	// ErrTokens means that a document has too many values.
	ErrTokens = errors.New("has too many values")
	// ErrJSON means that a document is not JSON.
	ErrJSON = errors.New("is not valid JSON in UTF-8")
)

// CheckJSON checks a document before it is decoded, so that a small document cannot be expensive. It has to be UTF-8, nested at most depth levels,
// and have at most tokens values. CheckJSON does not validate it.
func CheckJSON(raw []byte, depth, tokens int) error {
	if !utf8.Valid(raw) {
		return ErrJSON
	}
	level, seen := 0, 1
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = endOfString(raw, i)
		case '{', '[':
			if level++; level > depth {
				return ErrDepth
			}
			seen++
		case '}', ']':
			level--
		case ',', ':':
			seen++
		}
		if seen > tokens {
			return ErrTokens
		}
	}
	return nil
}

// endOfString returns the index of the closing quote of the string that opens at i.
func endOfString(raw []byte, i int) int {
	for {
		end := bytes.IndexByte(raw[i+1:], '"')
		if end < 0 {
			return len(raw)
		}
		i += 1 + end
		slashes := 0
		for raw[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}

// Decode decodes one JSON document into maps, lists, texts, bools and numbers. A whole number is int64, or uint64 if necessary. A number of at most
// 15 digits with a point or exponent is float64, which is exact for them. Every other number is a json.Number, so that no digits are lost. An error
// wraps ErrJSON.
func Decode(raw []byte) (any, error) {
	v, err := DecodeDigits(raw)
	if err != nil {
		return nil, err
	}
	return numbers(v), nil
}

// DecodeDigits is Decode with every number as a json.Number, so that it can be encoded again unchanged.
func DecodeDigits(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, ErrJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrJSON
	}
	return v, nil
}

// numbers replaces the json.Numbers in v that fit exactly into another type, in place.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		return exact(v)
	}
	return v
}

// Limits of the decimal numbers that float64 preserves: the number of digits, and the magnitude.
const (
	floatDigits    = 15
	floatMagnitude = 300
)

func exact(number json.Number) any {
	s := number.String()
	if !strings.ContainsAny(s, ".eE") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return n
		}
		return number
	}
	n, ok := decimal.Parse(s)
	if m := n.Magnitude(); !ok || n.Digits() > floatDigits || m > floatMagnitude || m < -floatMagnitude {
		return number
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return number
	}
	return f
}

// Encode returns compact JSON with sorted keys, without HTML escapes.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
