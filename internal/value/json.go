// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	// ErrDepth says that a document is nested too deeply.
	ErrDepth = errors.New("is nested too deeply")
	// ErrTokens says that a document has too many values.
	ErrTokens = errors.New("has too many values")
	// ErrJSON says that a document is no JSON.
	ErrJSON = errors.New("is no valid JSON in UTF-8")
)

// CheckJSON looks over a document before anything is decoded, so that nobody can make a small document expensive: it has
// to be UTF-8, nested at most depth levels, and have at most tokens values. It does not validate it.
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

// endOfString gives the index of the closing quote of the string that opens at i.
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

// Decode decodes one JSON document into maps, lists, texts, bools and numbers. Whole numbers are int64, or
// uint64 if need be; others are float64. So no identifier loses digits. The error wraps ErrJSON.
func Decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, ErrJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrJSON
	}
	return numbers(v)
}

// numbers replaces the json.Numbers in v, in place.
func numbers(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if v[k], err = numbers(e); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, e := range v {
			if v[i], err = numbers(e); err != nil {
				return nil, err
			}
		}
	case json.Number:
		return exact(v.String())
	}
	return v, nil
}

func exact(s string) (any, error) {
	if !strings.ContainsAny(s, ".eE") {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return n, nil
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, ErrJSON
	}
	return f, nil
}

// Encode gives compact JSON with sorted keys, without escapes for HTML.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
