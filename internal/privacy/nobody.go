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

// The rules of this file find what stands for nobody and is no single word. docs/identity.md lists them.

const (
	// things are what the fields of identifiers are about, and parts what they call the identifier itself: user_id, customer.email.
	things = `user|usr|customer|cust|client|member|contact|account|acct|visitor|device|session|order|event|message|anonymous|external|` +
		`loyalty|distinct|subscriber|recipient|profile|person|lead|buyer|guest|card|transaction|checkout|cart|company|first|last|full`
	parts = `id|uid|uuid|guid|e-?mail|e?mail[ ._-]?address|phone|number|name|key`
	field = `(your[ ._-]?)?((` + things + `)([ ._-]?(` + parts + `))?|` + parts + `)`
	// nothings are words that are joined to others where two fields are: undefined undefined.
	nothings = `null|undefined|none|nil|unknown|n/a|\(null\)|<null>|<nil>|\\n|\(not set\)|not set`
	joint    = `[ ,;|:_/.+&#-]`
)

var (
	// spreadsheetErrors in the languages of Excel, Google Sheets and LibreOffice: #REF!, #BEZUG!, #¿NOMBRE?, Err:502.
	spreadsheetErrors = regexp.MustCompile(`^(#[¡¿]?[\p{Lu}/0-9_ ]{1,14}[!?]|Err:[0-9]{3})$`)
	// templates that nobody filled in: {{user_id}}, ${userId}, #{id}, $(id), {$id}, %%EMAIL%%, *|EMAIL|*, <%= id %>, [[id]], {%id%}.
	templates = regexp.MustCompile(`^(\{\{.*\}\}|[$#]\{.*\}|\$\(.*\)|\{\$.*\}|%%.*%%|\*\|.*\|\*|<%.*%>|\[\[.*\]\]|\{%.*%\}|__[A-Z][A-Z_]*__)$`)
	// fields are templates in signs that may stand around an identifier, too: only the name of a field makes them one. {user_id}, <email>, %USER_ID%.
	fields = regexp.MustCompile(`(?i)^(\{` + field + `\}|<` + field + `>|\[` + field + `\]|%` + field + `%|[$:]` + field + `)$`)
	// verbs are what printf of C, Python and Go leaves where it has no value: %s, %1$d, %(user_id)s, %!d(<nil>), %!s(MISSING), %!v(PANIC=…).
	verbs = regexp.MustCompile(`^%([0-9]+\$|\([a-zA-Z_.]+\))?[-+# 0]*[0-9]*(\.[0-9]+)?(l{0,2}|h{0,2}|z)[sdiuvxXfgqtcp@]$` +
		`|^%!.?\((<nil>|MISSING|NOVERB|BADINDEX|BADWIDTH|BADPREC|EXTRA.*|PANIC=.*|<invalid reflect\.Value>)\)?$`)
	// zeros in any form: 000, 0.0, 0,00, +0, 0x0, 0e0, 00:00:00:00:00:00, {00000000-0000-0000-0000-000000000000}.
	zeros    = regexp.MustCompile(`^[-+]?(0x)?0[0.,]*(e[-+]?[0-9]{1,3})?$`)
	zeroText = ` .,:;+-/()[]{}<>#$|`
	// days of nothing, as a date or as the midnight at its beginning or end.
	days = regexp.MustCompile(`^(0001-01-01|1601-01-01|1753-01-01|1899-12-3[01]|1900-01-0[01]|1970-01-01|9999-12-31)` +
		`([ t](00:00|23:59)(:[0-9]{2}(\.[0-9]+)?)?(z|[-+]00(:?00)?| utc)?)?$`)
	// objects of JavaScript that were made a text: [object Object], [object HTMLInputElement].
	objects = regexp.MustCompile(`^\[object [a-z]+\]$`)
	// documents of JSON without a value: {"id":null}.
	documents = regexp.MustCompile(`^\{(\s*"[^"]*"\s*:\s*(null|""|\{\}|\[\])\s*,?)+\s*\}$`)
	// joined nothings: undefined undefined, null,null, nullnull. A cast of SQL: null::text.
	joined = regexp.MustCompile(`^(` + joint + `*(` + nothings + `))+` + joint + `*$|^null::[a-z ]+(\([0-9]+\))?$`)
	// joinedNaN is the same for a word that is a name in other cases: NaN-NaN.
	joinedNaN = regexp.MustCompile(`^(NaN` + joint + `*)+$`)
	// prefixed nothings are what a rule makes of a missing value: user_undefined, customer:null.
	prefixed = regexp.MustCompile(`^(` + things + `|id|uid|u|c)` + joint + `(null|undefined|nan|nil|\(null\)|<nil>|\[object object\])$`)
	// phrase is a word of the table that consists of several.
	phrase = regexp.MustCompile(`^\p{L}+([ _-]\p{L}+)+$`)
)

// phrases are the words of the table that consist of several, without what joins them.
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
	// minus is the typographic one.
	minus = strings.NewReplacer("\u2212", "-")
)

// firstOfMinus is the first byte of the typographic minus.
const firstOfMinus = 0xe2

// isNobodys reports whether a text without what is put around values stands for nobody: a word of the table, also in brackets; an error of
// a spreadsheet; a template that was not filled in; zeros or punctuation alone; nothings that were joined; the hash of one.
func isNobodys(s string) bool {
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

// isLeftover says what a program leaves where it had no value. All of it starts with a sign of few.
func isLeftover(s, folded string) bool {
	if strings.IndexByte("#E{$%*<[_:(N", s[0]) < 0 {
		return false
	}
	return spreadsheetErrors.MatchString(s) || templates.MatchString(s) || fields.MatchString(s) || verbs.MatchString(s) ||
		objects.MatchString(folded) || documents.MatchString(folded) || joinedNaN.MatchString(s) || inBrackets(s)
}

// isPunctuation tells texts of no letter and no digit. The replacement character is what is left of one that could not be read, whichever it was.
func isPunctuation(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsPunct(r) && !unicode.IsSpace(r) && !strings.ContainsRune("+<=>|~^$`\uFFFD", r)
	}) < 0
}

// inBrackets tells words for nobody that stand in brackets: (not set), [deleted], <unset>.
func inBrackets(s string) bool {
	last := strings.IndexByte("([{<", s[0])
	if last < 0 || len(s) < 3 || s[len(s)-1] != ")]}>"[last] {
		return false
	}
	inner := bare(s[1 : len(s)-1])
	return inner != "" && isNobodys(inner)
}

func isZero(folded string) bool {
	folded = strings.TrimPrefix(folded, "urn:uuid:")
	return hasFormOfZero(folded) && (strings.Trim(folded, "0"+zeroText) == "" && strings.IndexFunc(folded, notZero) < 0 || zeros.MatchString(folded))
}

// hasFormOfZero tells what may be zero from its bytes. Most identifiers have others, and are not looked at closely.
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

// isAllOnes tells identifiers of which every bit is set: a UUID, the address of a network card, a number of 64 or 128 bits.
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

// isJoined looks for joined and prefixed nothings. Most identifiers have none of their parts, and are not looked at closely.
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

// isMask tells what hides a value of unknown length: xxxx, XXX-XX-XXXX. It is four or longer; shorter ones may be a log-in.
func isMask(folded string) bool {
	return folded[0] == 'x' && strings.Count(folded, "x") >= 4 && strings.Trim(folded, "x -") == "" && strings.Trim(joints.Replace(folded), "x") == ""
}

// isDay tells days of nothing.
func isDay(folded string) bool {
	return len(folded) >= len("1970-01-01") && folded[4] == '-' && days.MatchString(folded)
}

// hashesOfNothing are the hashes of the empty text, of zero and of the words of the table in the usual cases, as hexadecimal digits and in
// Base64. Senders who hash all that they have give such a one to everybody of whom they have nothing.
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

// isHashOfNothing looks at texts of the length of a hash alone.
func isHashOfNothing(s, folded string) bool {
	switch len(s) {
	case 2 * md5.Size, 2 * sha1.Size, 2 * sha256.Size, 2 * sha512.Size:
		return hashesOfNothing()[folded] || hashesOfNothing()[s]
	case 24, 28, 44, 88:
		return s[len(s)-1] == '=' && hashesOfNothing()[s]
	}
	return false
}

// initials are words of the table that begin many a person's address, or that nobody is known to write as one: only a domain of the same name makes
// them nobody's, or one that gives out no address so short.
var initials = map[string]bool{"na": true, "nan": true, "nil": true, "id": true, "nat": true, "inf": true, "anon": true, "email": true, "true": true,
	"void": true, "default": true, "missing": true, "tbd": true, "inconnu": true, "desconocido": true, "userid": true, "not_set": true, "0": true,
	"nobody": true, "unset": true, "empty": true, "unassigned": true, "undef": true, "sconosciuto": true, "onbekend": true}

// noMailboxes are written where there is no address, or where nobody reads; without what joins their words.
var noMailboxes = map[string]bool{"noemail": true, "nomail": true, "noreply": true, "donotreply": true, "dontreply": true, "noaddress": true,
	"noemailaddress": true, "noemailprovided": true, "noemailgiven": true, "noemailavailable": true, "notprovided": true, "notavailable": true,
	"notapplicable": true, "keineemail": true, "keinemail": true}

// atLeastSix are domains that give out no address of fewer than six characters.
var atLeastSix = map[string]bool{"gmail.com": true, "googlemail.com": true}

// nobodysMailbox tells addresses that are made up: of a word for nobody (null@shop.example, na@na.com), of two (null.null@shop.example), of
// a template (%EMAIL%@shop.example), of a word for no address (no-email@shop.example), or by SQL Server to hide one (jXXX@XXXX.com).
func nobodysMailbox(local, domain string) bool {
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
		strings.IndexByte("{$%*<[#", local[0]) >= 0 && isNobodys(local))
}
