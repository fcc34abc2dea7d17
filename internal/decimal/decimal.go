// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package decimal parses decimal numbers of any length and size, and compares them exactly. It never expands an exponent: 1e999999999 takes as much
// memory as its text.
package decimal

import (
	"cmp"
	"strconv"
	"strings"
)

// Number is a decimal number: 0.digits times ten to the power of point. The zero value is 0. Numbers with the same value are equal by ==, however
// they were written.
type Number struct {
	negative bool
	// digits without zeros at either end; empty for zero.
	digits string
	point  int64
}

// maxExponentDigits limits the exponent, so that no sum of exponents overflows; maxExponent is the greatest exponent of Canonical.
const (
	maxExponentDigits = 15
	maxExponent       = 999_999_999_999_999
)

// MaxPlain is the number of bytes that String writes without an exponent.
const MaxPlain = 400

// Parse parses a JSON number. It also accepts a plus sign, leading zeros, and a point at either end. It returns false for anything else, and for an
// exponent of more than 15 digits, in the text or in Canonical.
func Parse(s string) (Number, bool) {
	var n Number
	s, n.negative = sign(s)
	mantissa, exponent := s, int64(0)
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		var ok bool
		if exponent, ok = parseExponent(s[i+1:]); !ok {
			return Number{}, false
		}
		mantissa = s[:i]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return Number{}, false
	}
	whole = strings.TrimLeft(whole, "0")
	n.point = int64(len(whole)) + exponent
	if whole == "" {
		short := strings.TrimLeft(fraction, "0")
		n.point -= int64(len(fraction) - len(short))
		fraction = short
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		n.digits = strings.TrimRight(whole, "0")
	} else {
		n.digits = whole + fraction
	}
	if n.digits == "" {
		return Number{}, true
	}
	if e := n.exponent(); e > maxExponent || e < -maxExponent {
		return Number{}, false // its own text would not be read again
	}
	return n, true
}

func sign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

func parseExponent(s string) (int64, bool) {
	s, negative := sign(s)
	if s == "" || !allDigits(s) {
		return 0, false
	}
	if s = strings.TrimLeft(s, "0"); len(s) > maxExponentDigits {
		return 0, false
	}
	e, err := strconv.ParseInt("0"+s, 10, 64)
	if negative {
		e = -e
	}
	return e, err == nil
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Digits returns the number of significant digits, 0 for zero.
func (n Number) Digits() int { return len(n.digits) }

// Magnitude returns the exponent of the first digit: 0 for 5, 3 for 1234, -2 for 0.05; 0 for zero.
func (n Number) Magnitude() int64 {
	if n.digits == "" {
		return 0
	}
	return n.point - 1
}

// IsWhole reports whether there is nothing after the point.
func (n Number) IsWhole() bool { return int64(len(n.digits)) <= n.point || n.digits == "" }

// Sign returns -1, 0 or 1.
func (n Number) Sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// Compare returns -1 if n is less than m, 0 if they are equal, and 1 if n is greater.
func (n Number) Compare(m Number) int {
	if c := cmp.Compare(n.Sign(), m.Sign()); c != 0 || n.digits == "" {
		return c
	}
	// Without zeros at the ends, digits after the point sort like texts.
	c := cmp.Or(cmp.Compare(n.point, m.point), strings.Compare(n.digits, m.digits))
	if n.negative {
		return -c
	}
	return c
}

// String formats the number without an exponent and without redundant zeros: 1.50e2 is 150. If that takes more than MaxPlain bytes, it has an
// exponent, as in Canonical.
func (n Number) String() string {
	length := int64(len(n.digits))
	if n.point > MaxPlain || n.point < -MaxPlain || length > MaxPlain {
		return n.Canonical()
	}
	text := n.digits
	switch {
	case length == 0:
		return "0"
	case n.point >= length:
		text += strings.Repeat("0", int(n.point-length))
	case n.point > 0:
		text = text[:n.point] + "." + text[n.point:]
	default:
		text = "0." + strings.Repeat("0", int(-n.point)) + text
	}
	if n.negative {
		return "-" + text
	}
	return text
}

// exponent returns the exponent of the digits as a whole number.
func (n Number) exponent() int64 { return n.point - int64(len(n.digits)) }

// Canonical returns the canonical text of a value, which is also a JSON number: its digits as a whole number, and the exponent. 129.90 and 1.299e2
// are both 1299e-1.
func (n Number) Canonical() string {
	if n.digits == "" {
		return "0"
	}
	text := n.digits + "e" + strconv.FormatInt(n.exponent(), 10)
	if n.negative {
		return "-" + text
	}
	return text
}

// Scaled returns the number times ten to the power of scale as a whole number, halves rounded away from zero; false if it does not fit.
func (n Number) Scaled(scale int) (int64, bool) {
	at := n.point + int64(scale)
	switch {
	case n.digits == "" || at < 0:
		return 0, true
	case at > 19:
		return 0, false
	}
	whole, roundUp := n.digits, false
	if int(at) < len(whole) {
		whole, roundUp = whole[:at], whole[at] >= '5'
	} else {
		whole += strings.Repeat("0", int(at)-len(whole))
	}
	u, err := strconv.ParseUint("0"+whole, 10, 64)
	if err != nil {
		return 0, false
	}
	if roundUp {
		u++
	}
	return signed(u, n.negative)
}

func signed(n uint64, negative bool) (int64, bool) {
	switch {
	case negative && n <= 1<<63:
		return -int64(n), true // 1<<63 converts to the smallest int64, which is its own negative.
	case !negative && n < 1<<63:
		return int64(n), true
	}
	return 0, false
}
