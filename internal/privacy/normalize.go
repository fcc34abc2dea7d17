// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package privacy brings people's identifiers into one form, refuses those that identify nobody, and replaces by keyed
// hashes what the privacy policy of the store says must not be stored in clear.
package privacy

import (
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

// placeholders are values that systems write where they know nobody; compared in lower case. As an identity, one of them
// would make a single person of all strangers.
var placeholders = map[string]bool{
	"": true, "null": true, "nil": true, "none": true, "undefined": true, "unknown": true, "anonymous": true, "anon": true,
	"guest": true, "n/a": true, "na": true, "nan": true, "-": true, "--": true, "?": true, "0": true, "-1": true, "true": true,
	"false": true, "[object object]": true, "{}": true, "[]": true, "not set": true, "(not set)": true, "not_set": true,
	"not_authenticated": true, "00000000-0000-0000-0000-000000000000": true, "id": true, "distinct_id": true, "distinctid": true,
	"user_id": true, "userid": true, "customer_id": true, "customerid": true, "email": true, "test": true, "default": true,
}

// IsPlaceholder tells whether the value stands for nobody, in quotes or not.
func IsPlaceholder(s string) bool {
	s = strings.TrimSpace(strings.Trim(strings.TrimSpace(s), "\"'`"))
	return len(s) < 40 && (placeholders[strings.ToLower(s)] || allZeros(s))
}

func allZeros(s string) bool { return strings.Trim(s, "0") == "" }

// Normalize gives the one form of an identifier: control characters and surrounding space gone; e-mail addresses in lower
// case; phone numbers as E.164. False means that the value identifies nobody: a placeholder, an e-mail address that
// is none, a phone number without country code (which would join people of different countries), or too long a text.
func Normalize(typ, s string) (string, bool) {
	s = value.Clean(s)
	if IsPlaceholder(s) || len(s) > MaxIdentity {
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
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".") && !placeholders[local]
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
	return phonenumbers.Format(n, phonenumbers.E164), true
}
