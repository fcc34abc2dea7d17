// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"math/big"
	"strconv"
	"strings"
)

// number is a decimal number for comparisons: exact, for whatever a sender wrote.
type number struct {
	small int64    // in micro-units, when big is nil
	big   *big.Rat // otherwise, in units
}

// maxNumberText bounds the length of a text that is read as a number, and maxExponent its size: a short text
// such as 1e999999999 would else make a number of a gigabyte.
const (
	maxNumberText = 64
	maxExponent   = 400
)

// parseNumber reads a number as JSON writes it; a plus sign in front is let through.
func parseNumber(s string) (number, bool) {
	if n, ok := ParseMicro(s); ok {
		return number{small: n}, true
	}
	if s == "" || len(s) > maxNumberText || strings.Trim(s, "0123456789.+-eE") != "" {
		return number{}, false
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if e, err := strconv.Atoi(s[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return number{}, false
		}
	}
	r, ok := new(big.Rat).SetString(s)
	return number{big: r}, ok
}

// ParseMicro reads a plain decimal number of at most 12 digits before and 6 after the point, in micro-units.
func ParseMicro(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 12 || len(fraction) > 6 {
		return 0, false
	}
	var n int64
	for _, part := range [2]string{whole, fraction} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0, false
			}
			n = n*10 + int64(c-'0')
		}
	}
	for range 6 - len(fraction) {
		n *= 10
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

func (n number) compare(m number) int {
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

func (n number) rat() *big.Rat {
	if n.big != nil {
		return n.big
	}
	return big.NewRat(n.small, 1_000_000)
}

// microText writes micro-units as a plain decimal number without trailing zeros: 12.5.
func microText(n int64) string {
	sign := ""
	u := uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	text := sign + strconv.FormatUint(u/1_000_000, 10)
	if f := u % 1_000_000; f != 0 {
		text += "." + strings.TrimRight(strconv.FormatUint(1_000_000+f, 10)[1:], "0")
	}
	return text
}
