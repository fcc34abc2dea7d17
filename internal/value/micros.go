// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// scale is the number of decimal places of a micro-unit.
const scale = 6

var (
	errNotNumber = errors.New("is not a decimal number; expected one such as 129.90, without currency sign and thousands separators")
	errTooLarge  = errors.New("is too large: amounts reach from -9223372036854.775808 to 9223372036854.775807")
)

// Micros returns a number, or a decimal number as text, in millionths. Up to six decimal places are exact; further ones are rounded half away from
// zero. A float means the shortest decimal that parses to it: 0.1 is 100000.
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

// maxDigits limits the text of a number, so that no sender can slow down parsing with a long one.
const maxDigits = 400

func decimalMicros(s string) (int64, error) {
	if len(s) > maxDigits || s == "" || s[0] == '+' || s[0] == '.' || strings.HasPrefix(s, "-.") || strings.HasSuffix(s, ".") {
		return 0, errNotNumber
	}
	n, ok := decimal.Parse(s)
	if !ok {
		return 0, errNotNumber
	}
	micros, ok := n.Scaled(scale)
	if !ok {
		return 0, errTooLarge
	}
	return micros, nil
}
