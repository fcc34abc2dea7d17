// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"crypto/md5"  //nolint:gosec // others hash with it: their hashes of nothing are looked for, and nothing is protected by it
	"crypto/sha1" //nolint:gosec // as md5
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The rules of this file recognise placeholders that are not single words of the table. docs/identity.md lists them.

const (
	// things are what fields with identifiers are about, and parts are names of the identifier itself: user_id, customer.email.
	things = `user|usr|customer|cust|client|member|contact|account|acct|visitor|device|session|order|event|message|anonymous|external|` +
		`loyalty|distinct|subscriber|recipient|profile|person|lead|buyer|guest|card|transaction|checkout|cart|company|first|last|full`
	parts = `id|uid|uuid|guid|e-?mail|e?mail[ ._-]?address|phone|number|name|key`
	field = `(your[ ._-]?)?((` + things + `)([ ._-]?(` + parts + `))?|` + parts + `)`
	// nothings are words that appear joined when several fields are empty: undefined undefined.
	nothings = `null|undefined|none|nil|unknown|n/a|\(null\)|<null>|<nil>|\\n|\(not set\)|not set`
	joint    = `[ ,;|:_/.+&#-]`
)

var (
	// spreadsheetErrors are error values in the languages of Excel, Google Sheets and LibreOffice: #REF!, #BEZUG!, #¿NOMBRE?, Err:502.
	spreadsheetErrors = regexp.MustCompile(`^(#[¡¿]?[\p{Lu}/0-9_ ]{1,14}[!?]|Err:[0-9]{3})$`)
	// templates are unfilled templates: {{user_id}}, ${userId}, #{id}, $(id), {$id}, %%EMAIL%%, *|EMAIL|*, <%= id %>, [[id]], {%id%}.
	templates = regexp.MustCompile(`^(\{\{.*\}\}|[$#]\{.*\}|\$\(.*\)|\{\$.*\}|%%.*%%|\*\|.*\|\*|<%.*%>|\[\[.*\]\]|\{%.*%\}|__[A-Z][A-Z_]*__)$`)
	// fields are templates whose brackets can also enclose an identifier, so they must contain the name of a field: {user_id}, <email>, %USER_ID%.
	fields = regexp.MustCompile(`(?i)^(\{` + field + `\}|<` + field + `>|\[` + field + `\]|%` + field + `%|[$:]` + field + `)$`)
	// verbs are what printf of C, Python and Go prints without a value: %s, %1$d, %(user_id)s, %!d(<nil>), %!s(MISSING), %!v(PANIC=…).
	verbs = regexp.MustCompile(`^%([0-9]+\$|\([a-zA-Z_.]+\))?[-+# 0]*[0-9]*(\.[0-9]+)?(l{0,2}|h{0,2}|z)[sdiuvxXfgqtcp@]$` +
		`|^%!.?\((<nil>|MISSING|NOVERB|BADINDEX|BADWIDTH|BADPREC|EXTRA.*|PANIC=.*|<invalid reflect\.Value>)\)?$`)
	// zeros are zeros in any form: 000, 0.0, 0,00, +0, 0x0, 0e0, 00:00:00:00:00:00, {00000000-0000-0000-0000-000000000000}.
	zeros    = regexp.MustCompile(`^[-+]?(0x)?0[0.,]*(e[-+]?[0-9]{1,3})?$`)
	zeroText = ` .,:;+-/()[]{}<>#$|`
	// days are the zero dates of many systems, as a date or as the midnight at its start or end.
	days = regexp.MustCompile(`^(0001-01-01|1601-01-01|1753-01-01|1899-12-3[01]|1900-01-0[01]|1970-01-01|9999-12-31)` +
		`([ t](00:00|23:59)(:[0-9]{2}(\.[0-9]+)?)?(z|[-+]00(:?00)?| utc)?)?$`)
	// objects are objects of JavaScript that were converted to text: [object Object], [object HTMLInputElement].
	objects = regexp.MustCompile(`^\[object [a-z]+\]$`)
	// documents are JSON documents without a value: {"id":null}.
	documents = regexp.MustCompile(`^\{(\s*"[^"]*"\s*:\s*(null|""|\{\}|\[\])\s*,?)+\s*\}$`)
	// joined are joined nothings: undefined undefined, null,null, nullnull. It includes a cast of SQL: null::text.
	joined = regexp.MustCompile(`^(` + joint + `*(` + nothings + `))+` + joint + `*$|^null::[a-z ]+(\([0-9]+\))?$`)
	// joinedNaN is the same for NaN, which is a name in other cases: NaN-NaN.
	joinedNaN = regexp.MustCompile(`^(NaN` + joint + `*)+$`)
	// prefixed are identifiers that a rule built from a missing value: user_undefined, customer:null.
	prefixed = regexp.MustCompile(`^(` + things + `|id|uid|u|c)` + joint + `(null|undefined|nan|nil|\(null\)|<nil>|\[object object\])$`)
	// phrase matches a text of several words.
	phrase = regexp.MustCompile(`^\p{L}+([ _-]\p{L}+)+$`)
)

// phrases are the words of the table that consist of several words, without separators.
var phrases = func() map[string]bool {
	out := map[string]bool{}
	for w := range words {
		if phrase.MatchString(w) {
			out[joints.Replace(w)] = true
		}
	}
	return out
}()

var (
	joints = strings.NewReplacer(" ", "", "_", "", "-", "")
	dots   = strings.NewReplacer(".", "", "_", "", "-", "")
	// minus replaces the typographic minus.
	minus = strings.NewReplacer("\u2212", "-")
)

// firstOfMinus is the first byte of the typographic minus.
const firstOfMinus = 0xe2

// isPlaceholderByRule reports whether a text without surrounding quotes and space is a placeholder: a word of the table, also in brackets; an error of a
// spreadsheet; an unfilled template; only zeros or punctuation; joined nothings; or the hash of a placeholder.
func isPlaceholderByRule(s string) bool {
	if strings.IndexByte(s, firstOfMinus) >= 0 {
		s = minus.Replace(s)
	}
	folded := strings.ToLower(s)
	if len(folded) <= longestOfTable && (exactWords[s] || words[folded]) || isPunctuation(s) || isPhrase(folded) || isHashOfNothing(s, folded) {
		return true
	}
	if isZero(folded) || isAllOnes(folded) || isDay(folded) || isMask(folded) || isJoined(folded) {
		return true
	}
	return isLeftover(s, folded)
}

// isLeftover reports whether a text is what a program prints without a value. All of these start with one of a few characters.
func isLeftover(s, folded string) bool {
	if strings.IndexByte("#E{$%*<[_:(N", s[0]) < 0 {
		return false
	}
	return spreadsheetErrors.MatchString(s) || templates.MatchString(s) || fields.MatchString(s) || verbs.MatchString(s) ||
		objects.MatchString(folded) || documents.MatchString(folded) || joinedNaN.MatchString(s) || inBrackets(s)
}

// isPunctuation reports whether a text has no letter and no digit. The replacement character counts as punctuation, because it can stand for any
// unreadable character.
func isPunctuation(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsPunct(r) && !unicode.IsSpace(r) && !strings.ContainsRune("+<=>|~^$`\uFFFD", r)
	}) < 0
}

// inBrackets reports whether a text is a placeholder in brackets: (not set), [deleted], <unset>.
func inBrackets(s string) bool {
	last := strings.IndexByte("([{<", s[0])
	if last < 0 || len(s) < 3 || s[len(s)-1] != ")]}>"[last] {
		return false
	}
	inner := bare(s[1 : len(s)-1])
	return inner != "" && isPlaceholderByRule(inner)
}

func isZero(folded string) bool {
	folded = strings.TrimPrefix(folded, "urn:uuid:")
	return hasFormOfZero(folded) && (strings.Trim(folded, "0"+zeroText) == "" && strings.IndexFunc(folded, notZero) < 0 || zeros.MatchString(folded))
}

// hasFormOfZero reports whether a text can be zero, from its bytes. Most identifiers cannot, and need no further check.
func hasFormOfZero(folded string) bool {
	if strings.IndexByte(folded, '0') < 0 || folded[0] != '0' && strings.IndexByte(zeroText, folded[0]) < 0 {
		return false
	}
	for i := range len(folded) {
		if c := folded[i]; !isDigit(c) && c != 'x' && c != 'e' && strings.IndexByte(zeroText, c) < 0 {
			return false
		}
	}
	return true
}

func notZero(r rune) bool { return r != '0' && !strings.ContainsRune(zeroText, r) }

// isAllOnes reports whether all bits of an identifier are set: of a UUID, a MAC address, or a number of 64 or 128 bits.
func isAllOnes(folded string) bool {
	if strings.IndexByte("fu0-:{}.", folded[0]) < 0 {
		return false
	}
	n := 0
	for _, r := range strings.TrimPrefix(strings.TrimPrefix(folded, "urn:uuid:"), "0x") {
		switch {
		case r == 'f':
			n++
		case !strings.ContainsRune("-:{}.", r):
			return false
		}
	}
	return n == 12 || n == 16 || n == 32
}

func isPhrase(folded string) bool {
	for _, r := range folded {
		if !unicode.IsLetter(r) && r != ' ' && r != '_' && r != '-' {
			return false
		}
	}
	return phrases[joints.Replace(folded)]
}

// isJoined recognises joined and prefixed nothings. Most identifiers have none of their parts, and need no further check.
func isJoined(folded string) bool {
	for i := range len(folded) - 2 {
		switch folded[i] {
		case 'n', 'u', '[', '\\':
		default:
			continue
		}
		switch folded[i : i+3] {
		case "nul", "und", "non", "nil", "unk", "n/a", "nan", "not", "[ob", `\n,`, `\n\`, `\n `, `\n|`, `\n;`, `\n-`, `\n_`, `\n:`:
			return joined.MatchString(folded) || prefixed.MatchString(folded)
		}
	}
	return false
}

// isMask reports whether a text hides a value of unknown length: xxxx, XXX-XX-XXXX. It has at least four characters, because shorter ones can be a
// login.
func isMask(folded string) bool {
	return folded[0] == 'x' && strings.Count(folded, "x") >= 4 && strings.Trim(folded, "x -") == "" && strings.Trim(joints.Replace(folded), "x") == ""
}

// isDay recognises zero dates.
func isDay(folded string) bool {
	return len(folded) >= len("1970-01-01") && folded[4] == '-' && days.MatchString(folded)
}

// hashesOfNothing are the hashes of the empty text, of zero and of the words of the table in the usual cases, in hexadecimal and Base64. A sender
// that hashes all identifiers sends such a hash for every missing one.
var hashesOfNothing = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	add := func(s string) {
		five, one, two, long := md5.Sum([]byte(s)), sha1.Sum([]byte(s)), sha256.Sum256([]byte(s)), sha512.Sum512([]byte(s)) //nolint:gosec // as its import
		for _, sum := range [][]byte{five[:], one[:], two[:], long[:]} {
			out[hex.EncodeToString(sum)] = true
			out[base64.StdEncoding.EncodeToString(sum)] = true
		}
	}
	for _, s := range []string{"", " ", "0", "-", "None", "Null", "Undefined", "[object Object]", "@"} {
		add(s)
	}
	for _, s := range sources {
		for _, w := range s.exact {
			add(w)
		}
		for _, w := range s.words {
			first, size := utf8.DecodeRuneInString(w)
			add(w)
			add(strings.ToUpper(w))
			add(string(unicode.ToUpper(first)) + w[size:])
		}
	}
	return out
})

// isHashOfNothing checks only texts with the length of a hash.
func isHashOfNothing(s, folded string) bool {
	switch len(s) {
	case 2 * md5.Size, 2 * sha1.Size, 2 * sha256.Size, 2 * sha512.Size:
		return hashesOfNothing()[folded] || hashesOfNothing()[s]
	case 24, 28, 44, 88:
		return s[len(s)-1] == '=' && hashesOfNothing()[s]
	}
	return false
}

// initials are words of the table that are also the local part of many addresses, or that are not known as one. They are placeholders only with a
// domain of the same name, or with one that has no addresses that short.
var initials = map[string]bool{"na": true, "nan": true, "nil": true, "id": true, "nat": true, "inf": true, "anon": true, "email": true, "true": true,
	"void": true, "default": true, "missing": true, "tbd": true, "inconnu": true, "desconocido": true, "userid": true, "not_set": true, "0": true,
	"nobody": true, "unset": true, "empty": true, "unassigned": true, "undef": true, "sconosciuto": true, "onbekend": true}

// noMailboxes are the local parts of addresses that mean that there is no address, or that nobody reads. They have no separators.
var noMailboxes = map[string]bool{"noemail": true, "nomail": true, "noreply": true, "donotreply": true, "dontreply": true, "noaddress": true,
	"noemailaddress": true, "noemailprovided": true, "noemailgiven": true, "noemailavailable": true, "notprovided": true, "notavailable": true,
	"notapplicable": true, "keineemail": true, "keinemail": true}

// atLeastSix are domains whose addresses have at least six characters.
var atLeastSix = map[string]bool{"gmail.com": true, "googlemail.com": true}

// isPlaceholderAddress recognises invented addresses: with a placeholder (null@shop.example, na@na.com), with two (null.null@shop.example), with a template
// (%EMAIL%@shop.example), with a word for no address (no-email@shop.example), and those that SQL Server masks (jXXX@XXXX.com).
func isPlaceholderAddress(local, domain string) bool {
	host, _, _ := strings.Cut(domain, ".")
	switch {
	case initials[local]:
		return host == local || len(local) < 6 && atLeastSix[domain]
	case local == "":
		return true
	case domain == "xxxx.com", noMailboxes[dots.Replace(local)], words[local], exactWords[local], isPunctuation(local):
		return true
	}
	return len(local) <= longestWord && (isPhrase(strings.ReplaceAll(local, ".", " ")) || isJoined(local) || isZero(local) ||
		strings.IndexByte("{$%*<[#", local[0]) >= 0 && isPlaceholderByRule(local))
}
