// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes a stranger's text fit for a status: at most so many characters, all of them printable, and never empty.
// What does not fit is shown as a question mark, a cut as three dots.
func Text(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
	if s == "" {
		return "(none)"
	}
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-3]) + "..."
}
