// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// ParseMicro parses a plain decimal number with at most 12 digits before and 6 after the point, into micro-units.
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

// MicroText formats micro-units as a plain decimal number without trailing zeros: 12.5.
func MicroText(n int64) string {
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

// Money returns an exact sum of micro-units, divided by a number, with MoneyDigits.
func Money(sum *big.Int, by int64) (Decimal, bool) {
	return DivideBig(sum, BigMicro(by), MoneyDigits)
}

// BigMicro returns n units in micro-units.
func BigMicro(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(event.MicroUnits)) }

// AddCapped adds two amounts that are not negative. The result is the largest number if the sum is too large.
func AddCapped(a, b int64) int64 {
	if a+b < a {
		return 1<<63 - 1
	}
	return a + b
}
