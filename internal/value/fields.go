// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"bytes"
	"encoding/json"
	"iter"
)

// The functions in this file walk over JSON that json.Valid has accepted, without decoding it. For the one or two fields of an object that matter
// here, that costs a small part of encoding/json.

// Fields returns the names and raw values of an object, in order, or nothing for any other value.
func Fields(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		for i++; ; i++ {
			i = skipSpace(raw, i)
			if i >= len(raw) || raw[i] != '"' {
				return
			}
			end := endOfValue(raw, i)
			name := unquote(raw[i:end])
			i = skipSpace(raw, end)
			start := skipSpace(raw, i+1)
			end = endOfValue(raw, start)
			if start >= end || !yield(name, raw[start:end]) {
				return
			}
			if i = skipSpace(raw, end); i >= len(raw) || raw[i] != ',' {
				return
			}
		}
	}
}

// Elements returns the raw elements of a list, in order, or nothing for any other value.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipSpace(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i++; ; i++ {
			i = skipSpace(raw, i)
			end := endOfValue(raw, i)
			if i >= end || !yield(raw[i:end]) {
				return
			}
			if i = skipSpace(raw, end); i >= len(raw) || raw[i] != ',' {
				return
			}
		}
	}
}

// Lookup returns the raw value of the last field with that name, or nil.
func Lookup(raw []byte, name string) []byte {
	var found []byte
	for k, v := range Fields(raw) {
		if string(k) == name {
			found = v
		}
	}
	return found
}

// Kind returns the kind of a raw value: '{', '[', '"', 't', 'f', 'n', or '0' for numbers; 0 for none.
func Kind(raw []byte) byte {
	if len(raw) == 0 {
		return 0
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// RawText returns the text of a raw text or number, or an empty text for any other value.
func RawText(raw []byte) string {
	switch Kind(raw) {
	case '"':
		return string(unquote(raw))
	case '0':
		s, _ := numberText(string(raw))
		return s
	}
	return ""
}

// RawScalar returns a raw text as string, a raw number as json.Number, and nil for any other value.
func RawScalar(raw []byte) any {
	switch Kind(raw) {
	case '"':
		return string(unquote(raw))
	case '0':
		return json.Number(raw)
	}
	return nil
}

func unquote(raw []byte) []byte {
	if len(raw) < 2 {
		return nil // truncated, which valid JSON never is
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	return []byte(s)
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// endOfValue returns the index after the value that starts at i.
func endOfValue(raw []byte, i int) int {
	if i >= len(raw) {
		return len(raw)
	}
	switch raw[i] {
	case '"':
		return min(endOfString(raw, i)+1, len(raw))
	case '{', '[':
		return endOfNested(raw, i)
	}
	for i < len(raw) && !bytes.ContainsRune([]byte(",]} \n\t\r"), rune(raw[i])) {
		i++
	}
	return i
}

func endOfNested(raw []byte, i int) int {
	level := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = endOfString(raw, i)
		case '{', '[':
			level++
		case '}', ']':
			if level--; level == 0 {
				return i + 1
			}
		}
	}
	return len(raw)
}

// Field is a name and a raw value.
type Field struct {
	Name string
	Raw  []byte
}

// Rewrite returns the object without the fields for which drop returns true, and with the added ones whose names it lacks. It returns nil if no field is left.
func Rewrite(raw []byte, drop func(name []byte) bool, add []Field) json.RawMessage {
	out := make([]byte, 0, len(raw)+64*len(add))
	out = append(out, '{')
	for k, v := range Fields(raw) {
		if drop(k) {
			continue
		}
		add = without(add, k)
		out = appendField(out, k, v)
	}
	for _, f := range add {
		out = appendField(out, []byte(f.Name), f.Raw)
	}
	if len(out) == 1 {
		return nil
	}
	return append(out, '}')
}

func without(add []Field, name []byte) []Field {
	for i, f := range add {
		if f.Name == string(name) {
			return append(append([]Field(nil), add[:i]...), add[i+1:]...)
		}
	}
	return add
}

func appendField(out, name, raw []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	quoted, err := json.Marshal(string(name))
	if err != nil {
		return out
	}
	out = append(append(out, quoted...), ':')
	return append(out, raw...)
}

// Names returns the names of all fields at any depth, in order.
func Names(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := 0; i < len(raw); i++ {
			if raw[i] != '"' {
				continue
			}
			end := min(endOfString(raw, i)+1, len(raw))
			if next := skipSpace(raw, end); next < len(raw) && raw[next] == ':' && !yield(unquote(raw[i:end])) {
				return
			}
			i = end - 1
		}
	}
}
