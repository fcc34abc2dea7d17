// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package value converts loosely typed values, from JSON and expressions, to the exact types of an event: text, micro-units and microseconds. Errors
// never contain the value, because it can be confidential.
package value

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// Text returns a text, or a number written without an exponent and with all its digits: 880011.0 is "880011", 1e20 is "100000000000000000000". Only a
// number with more than 400 digits keeps its exponent. It returns false for any other value.
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return numberText(v.String())
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func numberText(s string) (string, bool) {
	if !strings.ContainsAny(s, ".eE") {
		return s, true
	}
	n, ok := decimal.Parse(s)
	if !ok {
		return s, true // The exponent is too large to expand, so the text is kept.
	}
	return n.String(), true
}

// Clean removes control characters, surrounding spaces and invalid UTF-8. Texts need it before they are stored, shown or compared.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}
