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

// Normalize gives the one form of an identifier: control characters and surrounding space gone; e-mail addresses in lower
// case; phone numbers as E.164. False means that the value identifies nobody: a placeholder, an e-mail address that
// is none, a phone number without country code (which would join people of different countries), or too long a text.
func Normalize(typ, s string) (string, bool) {
	s = value.Clean(s)
	if IsPlaceholder(typ, s) || len(s) > MaxIdentity {
		return "", false
	}
	switch typ {
	case Email:
		return normalizeEmail(s)
	case Phone:
		return normalizePhone(s)
	}
	return s, true
}

func normalizeEmail(s string) (string, bool) {
	s = strings.TrimPrefix(strings.ToLower(s), "mailto:")
	return s, looksLikeEmail(s)
}

// looksLikeEmail takes one @ between two texts without spaces and punctuation that no address has.
func looksLikeEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.Contains(domain, "@") && !strings.ContainsAny(s, " \t,:;<>()\"/") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !nobodysMailbox(local, domain)
}

func normalizePhone(s string) (string, bool) {
	s = strings.TrimPrefix(strings.ToLower(s), "tel:")
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	if !strings.HasPrefix(s, "+") {
		return "", false
	}
	n, err := phonenumbers.Parse(s, "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), !oneDigit(strconv.FormatUint(n.GetNationalNumber(), 10))
}

// oneDigit tells numbers that people type where a form insists: 0000000000, 9999999.
func oneDigit(s string) bool { return len(s) < minNational || strings.Trim(s, s[:1]) == "" }

// minNational is shorter than any number of a subscriber, leading zeros left out.
const minNational = 4
