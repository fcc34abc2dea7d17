// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"strings"
	"unicode"
)

// Similar reports whether two different names are probably meant to be the same: they are equal without case and punctuation, or have an edit
// distance of one, or two for long names.
func Similar(a, b string) bool {
	a, b = letters(a), letters(b)
	if a == b {
		return a != ""
	}
	allowed := min(len(a), len(b)) / 5
	return allowed > 0 && distance(a, b, min(allowed, 2))
}

func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}

// distance reports whether a can be changed into b with at most allowed insertions, deletions, substitutions or transpositions of letters (optimal
// string alignment). Digits must be equal: "Step 1" is not "Step 2".
func distance(a, b string, allowed int) bool {
	if digitsOf(a) != digitsOf(b) {
		return false
	}
	x, y := []rune(a), []rune(b)
	if max(len(x)-len(y), len(y)-len(x)) > allowed {
		return false
	}
	var older, last []int
	for i := 0; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		for j := range row {
			switch {
			case i == 0:
				row[j] = j
			case j == 0:
				row[j] = i
			default:
				cost := 1
				if x[i-1] == y[j-1] {
					cost = 0
				}
				row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
				if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
					row[j] = min(row[j], older[j-2]+1)
				}
			}
		}
		older, last = last, row
	}
	return last[len(y)] <= allowed
}

func digitsOf(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsDigit(c) {
			return -1
		}
		return c
	}, s)
}
