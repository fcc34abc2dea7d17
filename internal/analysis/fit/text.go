// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text prepares a text of a sender for a status: it has at most limit characters, all printable, and is never empty. Unprintable characters become
// question marks, and truncation is shown by three dots.
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
