// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"strings"
)

// minorDigits is the number of decimals of the currencies that don't have two. Source: ISO 4217.
var minorDigits = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

// maxMinor is the number of digits of an amount, so that it fits into micro-units.
const maxMinor = 18

var errMinor = errors.New("is not a whole number of the currency's smallest unit")

// FromMinor returns an amount in the smallest unit of a currency as a decimal number: 12990 EUR is 129.90, 500 JPY is 500.
func FromMinor(amount, currency string) (string, error) {
	digits, negative := strings.CutPrefix(strings.TrimSpace(amount), "-")
	if digits == "" || len(digits) > maxMinor || strings.Trim(digits, "0123456789") != "" {
		return "", errMinor
	}
	n, ok := minorDigits[strings.ToUpper(strings.TrimSpace(currency))]
	if !ok {
		n = 2
	}
	if missing := n + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if n > 0 {
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	if negative {
		return "-" + digits, nil
	}
	return digits, nil
}
