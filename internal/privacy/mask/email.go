// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mask

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nextEmail finds the next address around an @. The domain has a point and ends in two or more letters, so "3 @ 10.50" and "react@18.2" do not count.
func nextEmail(s string, start int) (from, to int) {
	for after := start; ; {
		sign, rest := at.next(s, after)
		if sign < 0 {
			return -1, -1
		}
		if from = localPart(s, start, sign); from < sign {
			if n := domain(s[rest:]); n > 0 {
				return from, rest + n
			}
		}
		after = rest
	}
}

// localPart returns where the text before the @ starts, or sign if there is none. Separators of URLs and lists end it, also percent-encoded.
// Punctuation around an address does not belong to it.
func localPart(s string, start, sign int) int {
	if sign > start && s[sign-1] == '"' {
		if open := strings.LastIndexByte(s[start:sign-1], '"'); open >= 0 {
			return start + open
		}
	}
	from := sign
	for from > start {
		if c, ok := percentByte(s[max(from-3, start):from]); ok {
			if !inLocalPart(rune(c)) && c < utf8.RuneSelf {
				break
			}
			from -= 3
			continue
		}
		r, size := utf8.DecodeLastRuneInString(s[start:from])
		if !inLocalPart(r) {
			break
		}
		from -= size
	}
	if i := strings.IndexFunc(s[from:sign], func(r rune) bool { return r == '_' || r == '%' || unicode.IsLetter(r) || unicode.IsDigit(r) }); i > 0 {
		from += i
	}
	return from
}

func inLocalPart(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune(".!#$'*+-^_`{|}~", r))
}

// domain returns the length of the domain at the start of s: labels of letters, digits and dashes, of which the last one begins with two letters; 0
// if there is none.
func domain(s string) int {
	length, labels := 0, 0
	for i := 0; ; {
		label, letters := labelOf(s[i:])
		if label == 0 {
			return length
		}
		if labels++; labels > 1 && letters > 0 {
			length = i + letters
		}
		i += label
		n := point(s[i:])
		if n == 0 {
			return length
		}
		i += n
	}
}

// labelOf returns the length of a label, and the length of the part that can end a domain: its letters, at least two, or all of it in the form xn--.
func labelOf(s string) (length, end int) {
	const xn = "xn--"
	count, onlyLetters := 0, true
	for length < len(s) {
		r, size := utf8.DecodeRuneInString(s[length:])
		letter := r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
		if !letter && !unicode.IsDigit(r) && r != '-' {
			break
		}
		length += size
		if onlyLetters = onlyLetters && letter; onlyLetters {
			count, end = count+1, length
		}
	}
	switch {
	case length > len(xn) && strings.EqualFold(s[:len(xn)], xn):
		return length, length
	case count < 2:
		return length, 0
	}
	return length, end
}

// point returns the length of the point at the start of s: plain, percent-encoded, or the Chinese one.
func point(s string) int {
	if strings.HasPrefix(s, ".") {
		return 1
	}
	if c, ok := percentByte(s); ok && c == '.' {
		return 3
	}
	if strings.HasPrefix(s, "\u3002") {
		return len("\u3002")
	}
	return 0
}
