// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// This file is about fields whose names say that they are e-mail addresses or telephone numbers.

// keyTypes maps field names to the kind of identifier in their value, ignoring case, "-" and "_".
var keyTypes = map[string]string{
	"email": Email, "emailaddress": Email, "mail": Email, "customeremail": Email, "useremail": Email, "contactemail": Email,
	"phone": Phone, "phonenumber": Phone, "mobile": Phone, "mobilephone": Phone, "mobilenumber": Phone, "tel": Phone,
	"telephone": Phone, "msisdn": Phone, "customerphone": Phone, "userphone": Phone, "contactphone": Phone,
}

// maxKeyName is longer than any of these names with separators.
const maxKeyName = 24

func keyType(name string) string {
	if len(name) > maxKeyName {
		return ""
	}
	var buf [maxKeyName]byte
	return keyTypes[string(fold(buf[:0], []byte(name)))]
}

// fold appends the bytes in lower case, without separators.
func fold(out, raw []byte) []byte {
	for _, c := range raw {
		switch {
		case c == '-' || c == '_' || c == ' ':
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return out
}

// named replaces a field that is an identifier by its name, or removes it if it cannot be hashed.
func (s *Scrubber) named(m map[string]any, k, typ string, e any) {
	text, ok := value.Text(e)
	if !ok {
		if _, flag := e.(bool); !flag {
			delete(m, k)
		}
		return
	}
	if h, ok := s.whole(text); ok {
		m[k] = h
		return
	}
	n, ok := Normalize(typ, text)
	if !ok {
		delete(m, k)
		return
	}
	m[k] = s.hasher.Hash(n)
}

// keyStems are parts that all names in keyTypes contain, by type.
var keyStems = map[string][][]byte{
	Email: {[]byte("mail")},
	Phone: {[]byte("phone"), []byte("mobile"), []byte("tel"), []byte("msisdn")},
}

// touchesFields reports whether there can be a field that is named like an identifier.
func (s *Scrubber) touchesFields(raw []byte) bool {
	if s.kinds == (mask.Kinds{}) {
		return false
	}
	folded := fold(make([]byte, 0, len(raw)), raw)
	for typ, stems := range keyStems {
		if !s.hasher.types[typ] {
			continue
		}
		for _, stem := range stems {
			if bytes.Contains(folded, stem) {
				return true
			}
		}
	}
	return false
}

// maxLearned is the number of identifiers learned from one event, because a sender can name any number of fields like that.
const maxLearned = 16

// Learn searches decoded JSON for fields that are named like an identifier and contain one, and adds it: other fields can repeat it in forms that
// could not be recognised otherwise. It reports whether there was one.
func (s *Scrubber) Learn(v any) bool {
	if s == nil || s.kinds == (mask.Kinds{}) {
		return false
	}
	found := false
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			found = s.Learn(e) || found
		}
	case map[string]any:
		for k, e := range v {
			if t := keyType(k); t != "" && s.hasher.types[t] {
				found = s.learn(t, e) || found
				continue
			}
			found = s.Learn(e) || found
		}
	}
	return found
}

func (s *Scrubber) learn(typ string, v any) bool {
	text, ok := value.Text(v)
	if !ok || s.learned == maxLearned || len(text) > MaxIdentity {
		return false
	}
	if _, known := s.known[text]; known {
		return false
	}
	n, ok := Normalize(typ, text)
	if !ok {
		if typ != Phone || !looksLikePhone(text) {
			return false
		}
		n = value.Clean(text)
	}
	s.learned++
	s.Know(typ, text, n)
	return true
}

// looksLikePhone reports whether a text has the digits of a telephone number, possibly without its country code, and nothing else.
func looksLikePhone(s string) bool {
	digits := 0
	for i := range len(s) {
		switch {
		case isDigit(s[i]):
			digits++
		case !between(s[i]):
			return false
		}
	}
	return digits >= tailDigits-1 && strings.Trim(s, "0") != ""
}
