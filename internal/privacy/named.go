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

// keyTypes are the field names that say what kind of identifier their value is; compared without case, "-" and "_".
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

// fold appends the bytes in lower case, without the separators that names are written with.
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

// named replaces a field that is an identifier by its name, or removes it when it is not one that can be hashed.
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

// keyStems are parts of all the names in keyTypes, by type.
var keyStems = map[string][][]byte{
	Email: {[]byte("mail")},
	Phone: {[]byte("phone"), []byte("mobile"), []byte("tel"), []byte("msisdn")},
}

// touchesFields reports whether there may be a field that is named like an identifier.
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

// maxLearned bounds what is learned of one event: a sender may name any number of fields so.
const maxLearned = 16

// Learn looks in decoded JSON for fields that are named like an identifier and have one, and knows it from then on: other fields repeat it in
// ways in which it could not be recognised. It reports whether there was one.
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

// looksLikePhone reports whether a text has the digits of a telephone number, without its country code maybe, and nothing else.
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
