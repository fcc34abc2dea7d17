// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"strings"
)

// Scrubber removes from the fields of one event what the policy keeps out of its identities: values equal to a hashed
// identifier, anything that is an e-mail address, and fields that are named like an e-mail address or phone number.
type Scrubber struct {
	hasher *Hasher
	known  map[string]string
}

// NewScrubber gives a scrubber for one event; nil when nothing is hashed.
func (h *Hasher) NewScrubber() *Scrubber {
	if h == nil {
		return nil
	}
	return &Scrubber{hasher: h, known: map[string]string{}}
}

// Know tells the scrubber of an identifier of the event, as it was sent and normalised.
func (s *Scrubber) Know(typ, sent, normalized string) {
	if s == nil || !s.hasher.Covers(typ, normalized) {
		return
	}
	h := s.hasher.Hash(normalized)
	s.known[sent], s.known[normalized] = h, h
}

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

// Text gives what may be stored in place of a text.
func (s *Scrubber) Text(v string) string {
	if s == nil || v == "" {
		return v
	}
	if h, ok := s.known[v]; ok {
		return h
	}
	if s.hasher.types[Email] && strings.Contains(v, "@") {
		if n, ok := Normalize(Email, v); ok {
			return s.hasher.Hash(n)
		}
	}
	if s.hasher.types[Phone] && strings.HasPrefix(v, "+") && len(v) < 32 {
		if n, ok := Normalize(Phone, v); ok {
			return s.hasher.Hash(n)
		}
	}
	return v
}

// keyStems are parts of all the names in keyTypes, by type.
var keyStems = map[string][][]byte{
	Email: {[]byte("mail")},
	Phone: {[]byte("phone"), []byte("mobile"), []byte("tel"), []byte("msisdn")},
}

// Touches tells whether Value might change the JSON document: a cheap look that may say yes for nothing, never no
// wrongly. Texts and names that are written with escapes might be anything.
func (s *Scrubber) Touches(raw []byte) bool {
	if bytes.IndexByte(raw, '\\') >= 0 {
		return true
	}
	types := s.hasher.types
	if types[Email] && bytes.IndexByte(raw, '@') >= 0 || types[Phone] && bytes.Contains(raw, []byte(`"+`)) {
		return true
	}
	for known := range s.known {
		if bytes.Contains(raw, []byte(known)) {
			return true
		}
	}
	if !types[Email] && !types[Phone] {
		return false
	}
	folded := fold(make([]byte, 0, len(raw)), raw)
	for typ, stems := range keyStems {
		if !types[typ] {
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

// Value scrubs decoded JSON in place and gives it back.
func (s *Scrubber) Value(v any) any {
	switch v := v.(type) {
	case string:
		return s.Text(v)
	case []any:
		for i := range v {
			v[i] = s.Value(v[i])
		}
	case map[string]any:
		for k, e := range v {
			if t := keyType(k); t != "" && s.hasher.types[t] {
				s.named(v, k, t, e)
				continue
			}
			v[k] = s.Value(e)
		}
	}
	return v
}

// named replaces a field that is an identifier by its name, or removes it when it is none that can be hashed.
func (s *Scrubber) named(m map[string]any, k, typ string, e any) {
	text, ok := e.(string)
	if !ok {
		if _, flag := e.(bool); !flag {
			delete(m, k)
		}
		return
	}
	n, ok := Normalize(typ, text)
	if !ok {
		delete(m, k)
		return
	}
	m[k] = s.hasher.Hash(n)
}
