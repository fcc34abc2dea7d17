// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/decimal"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Scrubber removes from the fields of one event what the policy keeps out of its identities. Its rules:
//
//   - a value, text or number, that is an identifier as a whole is replaced by its hash (Text);
//   - an id that contains an identifier is replaced by a hash of the whole id, because ids distinguish things (ID);
//   - an identifier inside a longer text, or in the name of an event or field, is replaced by a word such as [email] (Text, Name);
//   - a field with the name of an e-mail address or telephone number is replaced by its hash, or removed (Value).
//
// Identifiers are those of the event, if their types are hashed; e-mail addresses, and telephone numbers with a plus, if these types are hashed.
// Names never contain addresses and numbers, whatever the policy: the nil Scrubber only enforces that.
type Scrubber struct {
	hasher *Hasher
	kinds  mask.Kinds
	// known identifiers as sent and normalised; numbers are those that can occur as a number, by value.
	known   map[string]identifier
	numbers map[string]identifier
	// words are searched for inside texts, the longest first, and phones in any notation. quoted are so short that only whole texts match.
	words  []word
	phones []phone
	quoted [][]byte
	// learned counts identifiers that are not identities of the event.
	learned int
}

// identifier holds the replacements of an identifier: of a whole value, and inside a text.
type identifier struct{ hash, mark string }

// NewScrubber returns a scrubber for one event, or nil if nothing is hashed.
func (h *Hasher) NewScrubber() *Scrubber {
	if h == nil {
		return nil
	}
	return &Scrubber{
		hasher: h, known: map[string]identifier{},
		kinds: mask.Kinds{Emails: h.types[Email], Phones: h.types[Phone]},
	}
}

// Know adds an identifier of the event, as sent and normalised. An identifier that cannot be an identity has its own text as normal form; it must not
// be stored either.
func (s *Scrubber) Know(typ, sent, normalized string) {
	if s == nil || normalized == "" || !s.hasher.Covers(typ, normalized) {
		return
	}
	if s.hasher.types[Email] && !s.hasher.types[typ] {
		normalized = normalizeEmail(normalized)
		typ = Email
	}
	i := identifier{hash: s.hasher.Hash(normalized), mark: "[" + typ + "]"}
	for _, text := range []string{sent, normalized} {
		if _, ok := s.known[text]; !ok {
			s.look(text, i)
		}
		s.known[text] = i
	}
	if typ == Phone {
		s.phones = appendPhone(s.phones, normalized, i)
	}
}

// look records in which forms an identifier can occur among other texts and numbers.
func (s *Scrubber) look(text string, i identifier) {
	if len(text) < minWord {
		s.quoted = append(s.quoted, []byte(strconv.Quote(text)))
		return
	}
	digits := strings.TrimPrefix(text, "+")
	if n, ok := decimal.Parse(digits); ok && n.String() == digits {
		if s.numbers == nil {
			s.numbers = map[string]identifier{}
		}
		s.numbers[n.Canonical()] = i
		s.words = appendWord(s.words, digits, i.mark)
	}
	if s.kinds.Emails && mask.Name(text) == mask.Email {
		return // recognised by its form
	}
	for _, form := range forms(text) {
		s.words = appendWord(s.words, form, i.mark)
	}
}

// Text returns what can be stored instead of a text.
func (s *Scrubber) Text(v string) string {
	if s == nil || v == "" {
		return v
	}
	if h, ok := s.whole(v); ok {
		return h
	}
	return s.kinds.Text(s.inside(v))
}

// ID returns what can be stored instead of an id. Different ids stay different: where a text would get a word, the whole id is hashed.
func (s *Scrubber) ID(v string) string {
	if s == nil || v == "" {
		return v
	}
	if h, ok := s.whole(v); ok {
		return h
	}
	if s.kinds.Text(s.inside(v)) == v {
		return v
	}
	return s.hasher.Hash(v)
}

// Name returns the name of an event or of a field without identifiers. Equal names stay equal: "[email] called".
func (s *Scrubber) Name(v string) string {
	if s == nil {
		return mask.Name(v)
	}
	if i, ok := s.known[v]; ok {
		return i.mark
	}
	if s.isEmail(v) {
		return mask.Email
	}
	return mask.Name(s.inside(v))
}

// whole returns the hash of a text that is an identifier as a whole.
func (s *Scrubber) whole(v string) (string, bool) {
	if i, ok := s.known[v]; ok {
		return i.hash, true
	}
	if s.isEmail(v) {
		n := normalizeEmail(value.Clean(v))
		return s.hasher.Hash(n), true
	}
	if s.kinds.Phones && strings.HasPrefix(v, "+") && len(v) < 32 {
		if n, ok := Normalize(Phone, v); ok {
			return s.hasher.Hash(n), true
		}
	}
	for i := range s.phones {
		if from, to := s.phones[i].next(v, 0); from == 0 && to == len(v) {
			return s.phones[i].hash, true
		}
	}
	return "", false
}

func (s *Scrubber) isEmail(v string) bool {
	if !s.kinds.Emails || strings.IndexByte(v, '@') < 0 {
		return false
	}
	_, ok := Normalize(Email, v)
	return ok
}

// inside replaces the identifiers of the event inside a text by words.
func (s *Scrubber) inside(v string) string {
	for i := range s.words {
		v = s.words[i].replace(v)
	}
	for i := range s.phones {
		v = s.phones[i].replace(v)
	}
	return v
}

// number returns the hash of a number that is an identifier, which equals that of its text.
func (s *Scrubber) number(v any) any {
	if s == nil || len(s.numbers) == 0 && len(s.phones) == 0 {
		return v
	}
	if n, ok := v.(json.Number); ok {
		if i, ok := s.known[n.String()]; ok && len(n) >= minWord {
			return i.hash
		}
	}
	text, ok := value.Text(v)
	text = strings.TrimPrefix(text, "-")
	if !ok || len(text) < minWord {
		return v
	}
	if n, ok := decimal.Parse(text); ok {
		if i, ok := s.numbers[n.Canonical()]; ok {
			return i.hash
		}
	}
	for i := range s.phones {
		if from, to := s.phones[i].next(text, 0); from == 0 && to == len(text) {
			return s.phones[i].hash
		}
	}
	return v
}

// Value scrubs decoded JSON in place and returns it.
func (s *Scrubber) Value(v any) any { return s.walk(v, s.Text) }

// IDs is Value for a document whose texts are ids.
func (s *Scrubber) IDs(v any) any { return s.walk(v, s.ID) }

func (s *Scrubber) walk(v any, text func(string) string) any {
	switch v := v.(type) {
	case string:
		return text(v)
	case json.Number, int64, uint64, float64, int:
		return s.number(v)
	case []any:
		for i := range v {
			v[i] = s.walk(v[i], text)
		}
	case map[string]any:
		s.object(v, text)
	}
	return v
}

func (s *Scrubber) object(m map[string]any, text func(string) string) {
	var renamed []string
	for k, e := range m {
		if s.Name(k) != k {
			renamed = append(renamed, k)
		}
		if t := keyType(k); t != "" && s != nil && s.hasher.types[t] {
			s.named(m, k, t, e)
			continue
		}
		m[k] = s.walk(e, text)
	}
	slices.Sort(renamed)
	for _, k := range renamed {
		v := m[k]
		delete(m, k)
		m[free(m, s.Name(k))] = v
	}
}

// free returns a name that the object does not have yet: fields that differed only by identifiers get numbers.
func free(m map[string]any, name string) string {
	if _, taken := m[name]; !taken {
		return name
	}
	for n := 2; ; n++ {
		numbered := name + " " + strconv.Itoa(n)
		if _, taken := m[numbered]; !taken {
			return numbered
		}
	}
}

// Touches reports whether Value or IDs can change the JSON document. It is a cheap check with false positives, but no false negatives: texts and
// names with escapes could be anything.
func (s *Scrubber) Touches(raw []byte) bool {
	if s == nil {
		return touchesNames(raw)
	}
	if bytes.IndexByte(raw, '\\') >= 0 || s.kinds.Emails && bytes.IndexByte(raw, '@') >= 0 {
		return true
	}
	return s.touchesKnown(raw) || s.touchesFields(raw) || s.kinds != mask.All && touchesNames(raw)
}

func (s *Scrubber) touchesKnown(raw []byte) bool {
	text := string(raw)
	if s.kinds.Finds(text) {
		return true
	}
	for i := range s.words {
		if strings.Contains(text, s.words[i].text) {
			return true
		}
	}
	for i := range s.phones {
		if from, _ := s.phones[i].next(text, 0); from >= 0 {
			return true
		}
	}
	for _, q := range s.quoted {
		if bytes.Contains(raw, q) {
			return true
		}
	}
	return len(s.numbers)+len(s.phones) > 0 && hasExponent(raw)
}

// touchesNames reports whether the name of a field can contain an address or number.
func touchesNames(raw []byte) bool {
	if bytes.IndexByte(raw, '@') < 0 && bytes.IndexByte(raw, '+') < 0 && bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '&') < 0 &&
		bytes.IndexByte(raw, '\\') < 0 && bytes.IndexByte(raw, 0xef) < 0 {
		return false
	}
	for name := range value.Names(raw) {
		if mask.All.Finds(string(name)) {
			return true
		}
	}
	return false
}

// hasExponent reports whether there can be a number with an exponent.
func hasExponent(raw []byte) bool {
	for i := 1; i+1 < len(raw); i++ {
		if raw[i]|0x20 == 'e' && isDigit(raw[i-1]) && (isDigit(raw[i+1]) || raw[i+1] == '-' || raw[i+1] == '+') {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
