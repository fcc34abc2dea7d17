// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"cmp"
	"strconv"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// Rational is an exact decimal number for comparisons, however many digits a sender wrote.
type Rational struct {
	small int64           // in micro-units, when big is nil
	big   *decimal.Number // otherwise
}

// maxNumberText is the length up to which a text is parsed as a number.
const maxNumberText = 1024

// Parse parses a JSON number. It also accepts a leading plus sign.
func Parse(s string) (Rational, bool) {
	if n, ok := ParseMicro(s); ok {
		return Rational{small: n}, true
	}
	if len(s) > maxNumberText {
		return Rational{}, false
	}
	n, ok := decimal.Parse(s)
	return Rational{big: &n}, ok
}

// Compare returns -1 if n is less than m, 0 if they are equal, and 1 if n is greater.
func (n Rational) Compare(m Rational) int {
	if n.big == nil && m.big == nil {
		return cmp.Compare(n.small, m.small)
	}
	return n.decimal().Compare(m.decimal())
}

func (n Rational) decimal() decimal.Number {
	if n.big != nil {
		return *n.big
	}
	out, _ := decimal.Parse(strconv.FormatInt(n.small, 10) + "e-6")
	return out
}

// Micro returns a number in micro-units, halves rounded away from zero. It returns false if the number is too large.
func (n Rational) Micro() (int64, bool) {
	if n.big == nil {
		return n.small, true
	}
	return n.big.Scaled(microDigits)
}

// microDigits is the number of digits after the point of a unit.
const microDigits = 6
