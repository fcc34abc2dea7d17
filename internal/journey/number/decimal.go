// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"strconv"
	"strings"
)

// Digits after the decimal point. Halves are rounded away from zero.
const (
	// RatioDigits is for shares and ratios.
	RatioDigits = 4
	// MoneyDigits is for amounts.
	MoneyDigits = 2
	// ScoreDigits is for scores such as the net promoter score.
	ScoreDigits = 1
)

// Decimal is a decimal number: Scaled divided by ten to the power of Digits.
type Decimal struct {
	Scaled int64
	Digits int
}

// Divide returns a/b with that many digits, halves rounded away from zero. ok is false if b is zero or the result is too large.
func Divide(a, b int64, digits int) (d Decimal, ok bool) {
	return DivideBig(big.NewInt(a), big.NewInt(b), digits)
}

// Ratio returns a/b with RatioDigits as text. It is empty if b is zero.
func Ratio(a, b int64) string {
	d, ok := Divide(a, b, RatioDigits)
	if !ok {
		return ""
	}
	return d.String()
}

// Percent returns a/b as a percentage: "12.1%". It is empty if b is zero.
func Percent(a, b int64) string {
	d, ok := DivideBig(new(big.Int).Mul(big.NewInt(a), big.NewInt(100)), big.NewInt(b), 1)
	if !ok {
		return ""
	}
	return d.String() + "%"
}

// DivideBig is Divide for numbers of any size. It does not change its arguments.
func DivideBig(a, b *big.Int, digits int) (Decimal, bool) {
	if b.Sign() == 0 {
		return Decimal{}, false
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	n := new(big.Int).Mul(a, scale)
	n.Mul(n, big.NewInt(2))
	half := new(big.Int).Abs(b)
	if n.Sign()*b.Sign() < 0 {
		half.Neg(half)
	}
	// (2n ± b) / 2b, truncated, rounds n/b half away from zero.
	if b.Sign() < 0 {
		half.Neg(half)
	}
	n.Add(n, half)
	n.Quo(n, new(big.Int).Mul(b, big.NewInt(2)))
	return Decimal{Scaled: n.Int64(), Digits: digits}, n.IsInt64()
}

// Minus returns d - e. Both must have the same number of digits.
func (d Decimal) Minus(e Decimal) Decimal {
	return Decimal{Scaled: d.Scaled - e.Scaled, Digits: d.Digits}
}

// String formats the number: -12.50.
func (d Decimal) String() string {
	text := strconv.FormatInt(d.Scaled, 10)
	sign := ""
	if d.Scaled < 0 {
		sign, text = "-", text[1:]
	}
	if d.Digits == 0 {
		return sign + text
	}
	if short := d.Digits + 1 - len(text); short > 0 {
		text = strings.Repeat("0", short) + text
	}
	return sign + text[:len(text)-d.Digits] + "." + text[len(text)-d.Digits:]
}
