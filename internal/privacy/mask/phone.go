// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mask

import "strings"

// Number of digits of a telephone number with its country code. ITU-T E.164 allows 15; fewer than 8 are more likely sums ("+1 000 000").
const (
	minPhone = 8
	maxPhone = 15
)

// nextPhone finds the next telephone number: a plus, and the digits of a country code and a number, with common separators. Without the plus, any
// number would match.
func nextPhone(s string, start int) (from, to int) {
	for after := start; ; {
		sign, rest := plus.next(s, after)
		if sign < 0 {
			return -1, -1
		}
		if to := phoneEnd(s, rest); to > 0 {
			return sign, to
		}
		after = rest
	}
}

// phoneEnd returns the end of the number whose digits start at start, or 0. Groups of digits that would make it too long do not belong to it: "+49
// 151 12345678 20261130".
func phoneEnd(s string, start int) int {
	digits, end := 0, 0
	for i := start; i < len(s); {
		if isDigit(s[i]) {
			if digits == 0 && s[i] == '0' {
				return 0 // no country code starts like this, but offsets of time zones do
			}
			digits++
			i++
			continue
		}
		if digits >= minPhone && digits <= maxPhone {
			end = i
		}
		size := gap(s[i:])
		if size == 0 || digits > maxPhone {
			return end
		}
		i += size
	}
	if digits >= minPhone && digits <= maxPhone {
		end = len(s)
	}
	return end
}

// gap returns the length of the separators between two digits at the start of s: at most three; 0 for anything else.
func gap(s string) int {
	const most = 3
	i := 0
	for range most + 1 {
		n := markOf(s[i:])
		if n == 0 {
			if i < len(s) && isDigit(s[i]) {
				return i
			}
			return 0
		}
		i += n
	}
	return 0
}

// marks are the separators between the digits of a telephone number. Non-breaking spaces and other dashes have several bytes.
var marks = []string{" ", "(", ")", ".", "-", "/", "%20", "%28", "%29", "%2d", "%2f", "\u00a0", "\u202f", "\u2010", "\u2011", "\u2013"}

func markOf(s string) int {
	for _, m := range marks {
		if len(s) >= len(m) && strings.EqualFold(s[:len(m)], m) {
			return len(m)
		}
	}
	return 0
}
