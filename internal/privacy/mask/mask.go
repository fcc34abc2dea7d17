// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mask finds e-mail addresses and telephone numbers in longer texts, and replaces them by a word. Names of events and of fields describe what
// happened, not to whom: they are shown in status, conditions and messages, and events are grouped by them. The package uses no policy and no keys,
// so it can be used wherever a text of a sender is shown.
package mask

import "strings"

// Replacements of identifiers.
const (
	Email = "[email]"
	Phone = "[phone]"
)

// Kinds of identifiers to find.
type Kinds struct{ Emails, Phones bool }

// All kinds there are.
var All = Kinds{Emails: true, Phones: true}

// Name returns the name of an event or of a field without e-mail addresses and telephone numbers: "[email] called".
func Name(s string) string { return All.Text(s) }

// Text returns a text without identifiers of the kinds. It is idempotent.
func (k Kinds) Text(s string) string {
	if k.Emails {
		s = replace(s, Email, nextEmail)
	}
	if k.Phones {
		s = replace(s, Phone, nextPhone)
	}
	return s
}

// Finds reports whether Text would change the text.
func (k Kinds) Finds(s string) bool {
	if k.Emails {
		if from, _ := nextEmail(s, 0); from >= 0 {
			return true
		}
	}
	if k.Phones {
		if from, _ := nextPhone(s, 0); from >= 0 {
			return true
		}
	}
	return false
}

func replace(s, word string, next func(s string, start int) (from, to int)) string {
	return Replace(s, word, func(start int) (from, to int) { return next(s, start) })
}

// Replace replaces whatever next finds by a word. next returns from and to of the first match from start on, or a negative from.
func Replace(s, word string, next func(start int) (from, to int)) string {
	from, to := next(0)
	if from < 0 {
		return s
	}
	var out strings.Builder
	done := 0
	for from >= 0 {
		out.WriteString(s[done:from])
		out.WriteString(word)
		done = to
		from, to = next(to)
	}
	out.WriteString(s[done:])
	return out.String()
}

// signs are the forms of a character in contexts where it is special: URLs, JSON, HTML, and wide forms.
type signs struct {
	char byte
	// code of the character in hexadecimal digits.
	code  string
	other []string
}

var (
	at   = signs{char: '@', code: "40", other: []string{`\u0040`, "&#64;", "&#x40;", "&commat;", "\uff20", "\ufe6b"}}
	plus = signs{char: '+', code: "2b", other: []string{`\u002b`, "&#43;", "&#x2b;", "&plus;", "\uff0b"}}
)

// next finds the character from start on in any of its forms.
func (g *signs) next(s string, start int) (from, to int) {
	for i := start; i < len(s); i++ {
		switch s[i] {
		case g.char:
			return i, i + 1
		case '%':
			if n := g.percent(s[i:]); n > 0 {
				return i, i + n
			}
		case '\\', '&', 0xef:
			for _, form := range g.other {
				if len(s)-i >= len(form) && strings.EqualFold(s[i:i+len(form)], form) {
					return i, i + len(form)
				}
			}
		}
	}
	return -1, -1
}

// percent returns the length of the percent-encoded character at the start of s, however often it was encoded: %40, %2540; 0 for none.
func (g *signs) percent(s string) int {
	i := 1
	for strings.HasPrefix(s[i:], "25") {
		i += 2
	}
	if len(s) >= i+2 && strings.EqualFold(s[i:i+2], g.code) {
		return i + 2
	}
	return 0
}

// percentByte decodes the percent-encoded character at the start of s.
func percentByte(s string) (byte, bool) {
	if len(s) < 3 || s[0] != '%' {
		return 0, false
	}
	high, ok := hex(s[1])
	low, okLow := hex(s[2])
	return high<<4 | low, ok && okLow
}

func hex(c byte) (byte, bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
