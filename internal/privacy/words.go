// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// minWord is the length from which an identifier is searched for inside longer texts, and among numbers. A customer with the number 7 must not remove
// the 7 from every text and quantity.
const minWord = 4

// word is an identifier to search for inside texts.
type word struct{ text, mark string }

// forms returns the forms of an identifier in texts.
func forms(s string) []string {
	out := []string{s, strings.ToLower(s), strings.ToUpper(s)}
	if strings.IndexFunc(s, escaped) >= 0 {
		out = append(out, url.QueryEscape(s), url.PathEscape(s))
	}
	return out
}

// escaped reports whether a character is escaped in URLs.
func escaped(r rune) bool {
	return r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.~", r)
}

// appendWord adds a new form of an identifier after longer ones: of two that overlap, the longer one is meant.
func appendWord(list []word, text, mark string) []word {
	if len(text) < minWord || slices.ContainsFunc(list, func(w word) bool { return w.text == text }) {
		return list
	}
	i := slices.IndexFunc(list, func(w word) bool { return len(w.text) < len(text) })
	if i < 0 {
		i = len(list)
	}
	return slices.Insert(list, i, word{text: text, mark: mark})
}

func (w *word) replace(s string) string {
	return mask.Replace(s, w.mark, func(start int) (from, to int) {
		for {
			i := strings.Index(s[start:], w.text)
			if i < 0 {
				return -1, -1
			}
			from, to = start+i, start+i+len(w.text)
			if standsAlone(s, from, to) {
				return from, to
			}
			start = from + 1
		}
	})
}

// standsAlone reports whether a part of a text is not part of a longer word or number: 880011 is in user880011, not in 17880011.
func standsAlone(s string, from, to int) bool {
	first, _ := utf8.DecodeRuneInString(s[from:])
	last, _ := utf8.DecodeLastRuneInString(s[:to])
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	if from >= 3 && s[from-3] == '%' {
		before = ' ' // percent-encoded
	}
	return !sameClass(before, first) && !sameClass(last, after)
}

func sameClass(a, b rune) bool {
	return unicode.IsDigit(a) && unicode.IsDigit(b) || unicode.IsLetter(a) && unicode.IsLetter(b)
}

// phone is a telephone number of the event, which people write in many ways: 0049 151/123-456-78, (0151) 12345678.
type phone struct {
	identifier
	// digits with the country code; tail is the part at their end by which it is recognised.
	digits string
	tail   []byte
}

// tailDigits is the number of digits that is enough to recognise a known number.
const tailDigits = 8

// appendPhone adds a number with enough digits.
func appendPhone(list []phone, text string, i identifier) []phone {
	var digits []byte
	for j := range len(text) {
		if isDigit(text[j]) {
			digits = append(digits, text[j])
		}
	}
	p := phone{identifier: i, digits: strings.TrimLeft(string(digits), "0")}
	if len(p.digits) < minNational {
		return list
	}
	p.tail = []byte(p.digits[max(0, len(p.digits)-tailDigits):])
	return append(list, p)
}

func (p *phone) replace(s string) string {
	return mask.Replace(s, p.mark, func(start int) (int, int) { return p.next(s, start) })
}

// next finds the number from start on, with or without its country code, with any separators.
func (p *phone) next(s string, start int) (from, to int) {
	var digitsRoom [64]byte // usual texts need no allocation
	var placesRoom [64]int
	digits, places := digitsRoom[:0], placesRoom[:0]
	for i := start; i <= len(s); i++ {
		switch {
		case i < len(s) && isDigit(s[i]):
			digits, places = append(digits, s[i]), append(places, i)
			continue
		case i < len(s) && len(places) > 0 && i-places[len(places)-1] <= maxGap && between(s[i]):
			continue
		case i+2 < len(s) && len(places) > 0 && s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
			continue
		}
		if from, to, ok := p.among(s, digits, places); ok {
			return from, to
		}
		digits, places = digits[:0], places[:0]
	}
	return -1, -1
}

// maxGap is the number of bytes between two digits of one number.
const maxGap = 6

// between reports whether a byte can be between the digits of a number, also in a URL. Non-breaking spaces and other dashes have several bytes.
func between(c byte) bool { return strings.IndexByte(" ()./-+\u00a0\u202f\u2010\u2011\u2013", c) >= 0 }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// among finds the number among the digits of one run and returns its position in the text.
func (p *phone) among(s string, digits []byte, places []int) (from, to int, ok bool) {
	for at := 0; ; at++ {
		i := bytes.Index(digits[at:], p.tail)
		if i < 0 {
			return 0, 0, false
		}
		at += i
		end := at + len(p.tail)
		first := at
		for rest := p.digits[:len(p.digits)-len(p.tail)]; first > 0 && rest != "" && digits[first-1] == rest[len(rest)-1]; first-- {
			rest = rest[:len(rest)-1]
		}
		for first > 0 && digits[first-1] == '0' && places[first-1] == places[first]-1 {
			first--
		}
		longer := first > 0 && places[first-1] == places[first]-1 || end < len(digits) && places[end] == places[end-1]+1
		if longer {
			continue
		}
		from, to = places[first], places[end-1]+1
		if from > 0 && s[from-1] == '+' {
			from--
		}
		return from, to, true
	}
}
