// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package status

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxMessage is the maximum length of a condition's message in bytes.
const MaxMessage = 1024

// Shorten limits a text in bytes without splitting a character, and removes control characters, because parts of it can come from strangers.
func Shorten(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	if len(clean) <= limit {
		return clean
	}
	const mark = "…"
	cut := max(limit-len(mark), 0)
	for cut > 0 && !utf8.RuneStart(clean[cut]) {
		cut--
	}
	return clean[:cut] + mark
}
