// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package privacy brings people's identifiers into one form, refuses those that identify nobody, and replaces by keyed
// hashes what the privacy policy of the store says must not be stored in clear.
package privacy

import (
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// Identity types that have a form of their own.
const (
	Email = "email"
	Phone = "phone"
)

// MaxIdentity is the greatest length of an identifier in bytes.
const MaxIdentity = 256

// Normalize returns the one form of an identifier: control characters and surrounding space gone; e-mail addresses in lower
// case; phone numbers as E.164. False means that the value identifies nobody: a placeholder, an e-mail address that
// is none, a phone number without country code (which would join people of different countries), or too long a text.
func Normalize(typ, s string) (string, bool) {
	if IsPlaceholder(typ, value.Clean(s)) {
		return "", false
	}
	return NormalizeSomebody(typ, s)
}

// NormalizeSomebody is Normalize for what Placeholders.Has has told to be no placeholder: it does not look for them again.
func NormalizeSomebody(typ, s string) (string, bool) {
	normal, nobodys, ok := normalForm(typ, s)
	return normal, ok && !nobodys
}

// NormalForm is Normalize for values that may be placeholders: the list of placeholders may have been shorter when they were stored.
func NormalForm(typ, s string) (string, bool) {
	normal, _, ok := normalForm(typ, s)
	return normal, ok
}

// normalForm tells, too, of an e-mail address or telephone number that has the form of one whether it is one that nobody has.
func normalForm(typ, s string) (normal string, nobodys, ok bool) {
	s = value.Clean(s)
	if s == "" || len(s) > MaxIdentity {
		return "", false, false
	}
	switch typ {
	case Email:
		s = normalizeEmail(s)
		local, domain, _ := strings.Cut(s, "@")
		return s, nobodysMailbox(local, domain), hasFormOfEmail(s)
	case Phone:
		return normalizePhone(s)
	}
	return s, false, true
}

func normalizeEmail(s string) string { return strings.TrimPrefix(strings.ToLower(s), "mailto:") }

// looksLikeEmail takes what has the form of an address that somebody may have.
func looksLikeEmail(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	return hasFormOfEmail(s) && !nobodysMailbox(local, domain)
}

// hasFormOfEmail takes one @ between two texts without spaces and punctuation that no address has.
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

// oneDigit tells numbers that people type where a form insists: 0000000000, 9999999.
func oneDigit(s string) bool { return len(s) < minNational || strings.Trim(s, s[:1]) == "" }

// minNational is shorter than any number of a subscriber, leading zeros left out.
const minNational = 4
