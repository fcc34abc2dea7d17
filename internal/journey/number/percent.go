// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"strings"
)

// maxPercentDigits is the number of digits after the point of a percentage.
const maxPercentDigits = 8

// PercentOfLimit formats a ratio and its limit, decimal texts such as "0.6053" and "0.6", as percentages: "60.5 %" and "60 %". The ratio has one
// digit more than the limit, or as many as it takes to show on which side of the limit it is. Texts that are not numbers are returned unchanged.
func PercentOfLimit(ratio, limit string) (shown, shownLimit string) {
	v, okV := hundredfold(ratio)
	l, okL := hundredfold(limit)
	if !okV || !okL {
		return ratio, limit
	}
	digits := 0
	for digits < maxPercentDigits && rounded(l, digits).Cmp(l) != 0 {
		digits++
	}
	more := digits + 1
	for more < maxPercentDigits && rounded(v, more).Cmp(l) == 0 && v.Cmp(l) != 0 {
		more++
	}
	return v.FloatString(more) + " %", l.FloatString(digits) + " %"
}

// PercentText formats a ratio as a percentage with one digit: "60.5 %".
func PercentText(ratio string) string {
	v, ok := hundredfold(ratio)
	if !ok {
		return ratio
	}
	return v.FloatString(1) + " %"
}

func hundredfold(text string) (*big.Rat, bool) {
	if strings.ContainsAny(text, "eE/_xX") { // a ratio is a plain decimal; an exponent could be expanded to any size
		return nil, false
	}
	v, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, false
	}
	return v.Mul(v, big.NewRat(100, 1)), true
}

func rounded(v *big.Rat, digits int) *big.Rat {
	r, _ := new(big.Rat).SetString(v.FloatString(digits))
	return r
}
