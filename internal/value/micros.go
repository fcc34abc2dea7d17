// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// scale is the number of decimal places of a micro-unit.
const scale = 6

var (
	errNotNumber = errors.New("is no decimal number; expected one such as 129.90, without currency sign and thousands separators")
	errTooLarge  = errors.New("is too large: amounts reach from -9223372036854.775808 to 9223372036854.775807")
)

// Micros gives a number, or a decimal number as text, in millionths. Up to six decimal places are exact, further ones
// are rounded half away from zero. A float stands for the shortest decimal that reads back as it: 0.1 is 100000.
func Micros(v any) (int64, error) {
	switch v := v.(type) {
	case string:
		return decimalMicros(strings.TrimSpace(v))
	case json.Number:
		return decimalMicros(v.String())
	case int64:
		return decimalMicros(strconv.FormatInt(v, 10))
	case uint64:
		return decimalMicros(strconv.FormatUint(v, 10))
	case int:
		return decimalMicros(strconv.Itoa(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, errNotNumber
		}
		return decimalMicros(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return 0, errNotNumber
}

// maxDigits bounds the text of a number, so that no sender buys time with a long one.
const maxDigits = 400

func decimalMicros(s string) (int64, error) {
	if len(s) > maxDigits {
		return 0, errNotNumber
	}
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, errNotNumber
		}
		s = strconv.FormatFloat(f, 'f', -1, 64)
	}
	negative := strings.HasPrefix(s, "-")
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || !digits(whole) || !digits(fraction) || strings.HasSuffix(s, ".") {
		return 0, errNotNumber
	}
	roundUp := len(fraction) > scale && fraction[scale] >= '5'
	if len(fraction) > scale {
		fraction = fraction[:scale]
	}
	fraction += strings.Repeat("0", scale-len(fraction))
	n, err := strconv.ParseUint(whole+fraction, 10, 64)
	if err != nil {
		return 0, errTooLarge
	}
	if roundUp {
		n++
	}
	return signed(n, negative)
}

func signed(n uint64, negative bool) (int64, error) {
	switch {
	case negative && n <= 1<<63:
		return -int64(n), nil // 1<<63 turns into the smallest int64, which is its own negative
	case !negative && n <= math.MaxInt64:
		return int64(n), nil
	}
	return 0, errTooLarge
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
