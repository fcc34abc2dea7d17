// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package privacy normalises people's identifiers, refuses those that identify nobody, and replaces those that the privacy policy of the store
// protects by keyed hashes.
package privacy

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// Identity types with a normal form.
const (
	Email = "email"
	Phone = "phone"
)

// MaxIdentity is the length of an identifier in bytes.
const MaxIdentity = 256

// Normalize returns the normal form of an identifier: without control characters and surrounding spaces, e-mail addresses in lower case, phone
// numbers as E.164. It returns false if the value identifies nobody: a placeholder, an invalid e-mail address, a phone number without country code
// (which would join people of different countries), or too long a text.
func Normalize(typ, s string) (string, bool) {
	if IsPlaceholder(typ, value.Clean(s)) {
		return "", false
	}
	return NormalizeSomebody(typ, s)
}

// NormalizeSomebody is Normalize for a value that Placeholders.Has has already checked.
func NormalizeSomebody(typ, s string) (string, bool) {
	normal, nobodys, ok := normalForm(typ, s)
	return normal, ok && !nobodys
}

// NormalForm is Normalize for values that can be placeholders, because the list of placeholders can have been shorter when they were stored.
func NormalForm(typ, s string) (string, bool) {
	normal, _, ok := normalForm(typ, s)
	return normal, ok
}

// normalForm also reports whether a valid e-mail address or telephone number is one that nobody has.
func normalForm(typ, s string) (normal string, nobodys, ok bool) {
	s = value.Clean(s)
	if s == "" || len(s) > MaxIdentity {
		return "", false, false
	}
	switch typ {
	case Email:
		s = normalizeEmail(s)
		local, domain, _ := strings.Cut(s, "@")
		return s, isPlaceholderAddress(local, domain), hasFormOfEmail(s)
	case Phone:
		return normalizePhone(s)
	}
	return s, false, true
}

func normalizeEmail(s string) string { return strings.TrimPrefix(strings.ToLower(s), "mailto:") }

// looksLikeEmail reports whether a text has the form of an address that somebody can have.
func looksLikeEmail(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	return hasFormOfEmail(s) && !isPlaceholderAddress(local, domain)
}

// hasFormOfEmail requires one @ between two texts without spaces and punctuation that addresses do not have.
func hasFormOfEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.Contains(domain, "@") && !strings.ContainsAny(s, " \t,:;<>()\"/") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}

func normalizePhone(s string) (normal string, nobodys, ok bool) {
	s = strings.TrimPrefix(strings.ToLower(s), "tel:")
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	if !strings.HasPrefix(s, "+") {
		return "", false, false
	}
	n, err := phonenumbers.Parse(s, "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false, false
	}
	return phonenumbers.Format(n, phonenumbers.E164), oneDigit(strconv.FormatUint(n.GetNationalNumber(), 10)), true
}

// oneDigit detects numbers that people type if a form requires one: 0000000000, 9999999.
func oneDigit(s string) bool { return len(s) < minNational || strings.Trim(s, s[:1]) == "" }

// minNational is shorter than any subscriber number without leading zeros.
const minNational = 4
