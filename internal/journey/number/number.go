// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"strconv"
	"strings"
)

// Rational is a decimal number for comparisons: exact, for whatever a sender wrote.
type Rational struct {
	small int64    // in micro-units, when big is nil
	big   *big.Rat // otherwise, in units
}

// maxNumberText bounds the length of a text that is read as a number, and maxExponent its size: a short text
// such as 1e999999999 would else make a number of a gigabyte.
const (
	maxNumberText = 64
	maxExponent   = 400
)

// Parse reads a number as JSON writes it; a plus sign in front is let through.
func Parse(s string) (Rational, bool) {
	if n, ok := ParseMicro(s); ok {
		return Rational{small: n}, true
	}
	if s == "" || len(s) > maxNumberText || strings.Trim(s, "0123456789.+-eE") != "" {
		return Rational{}, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return Rational{}, false
		}
	}
	r, ok := new(big.Rat).SetString(s)
	return Rational{big: r}, ok
}

// Compare gives -1, 0 or 1: n is less than m, the same, or greater.
func (n Rational) Compare(m Rational) int {
	if n.big == nil && m.big == nil {
		switch {
		case n.small < m.small:
			return -1
		case n.small > m.small:
			return 1
		}
		return 0
	}
	return n.rat().Cmp(m.rat())
}

func (n Rational) rat() *big.Rat {
	if n.big != nil {
		return n.big
	}
	return big.NewRat(n.small, 1_000_000)
}

// Micro gives a number in micro-units, halves rounded away from zero; false if it is too large.
func (n Rational) Micro() (int64, bool) {
	if n.big == nil {
		return n.small, true
	}
	d, ok := DivideBig(n.big.Num(), n.big.Denom(), 6)
	return d.Scaled, ok
}
