// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// The words of this file are what systems write for an unknown person. As an identity, each of them would merge all unknown persons into one.
// docs/identity.md shows the same table.

// source is a kind of system, with its words. The comparison ignores case, except for those in exact. A phrase matches with any separators: not set,
// not_set, not-set, notset. It also matches in brackets.
type source struct {
	who          string
	words, exact []string
}

// sources of placeholders. A word is listed under the first source that it was found in.
var sources = []source{
	{who: "SQL databases and their exports: COPY of PostgreSQL, LOAD DATA of MySQL, Hive, Impala, Spark, SQL*Plus", words: []string{
		`\n`, `\\n`, "null", "__hive_default_partition__", "__null__", "dbnull", "system.dbnull"}},
	{who: "whole numbers that databases put in place of what is too large: MySQL without strict mode", words: []string{
		"2147483647", "-2147483648", "4294967295", "9223372036854775807", "-9223372036854775808", "18446744073709551615"}},
	{who: "database clients: pgAdmin, DBeaver, DataGrip, HeidiSQL, SQL Server Management Studio, redis-cli", words: []string{
		"(null)", "[null]", "<null>", "{null}", "(nil)"}},
	{who: "pandas, NumPy, R, Julia, SAS and SPSS", words: []string{
		"nat", "<na>", "#n/a n/a", "#na", "-nan", "+nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "1.#snan", "1.#inf", "-1.#inf", "na_character_",
		"na_integer_",
		"character(0)", "missing", "sysmis", "inf", "-inf", "+inf"},
		exact: []string{"NA", "na", "NaN", "nan", "NAN"}},
	{who: "surveys and weather stations, whose codes for a missing answer are all nines", words: []string{
		"-9", "-99", "-999", "-9999", "-99999", "-9.0", "-99.0", "-999.0", "-9999.0", "-99999.0"}},
	{who: "programming languages: JavaScript, Python, Go, Swift, Objective-C, Perl, PowerShell, Ruby, Java, .NET, C, Lua, Julia", words: []string{
		"undefined", "nil", "<nil>", "none", "nonetype", "<class 'nonetype'>", "optional(nil)", "optional.empty", "nullptr", "undef", "$null", "map[]",
		"system.object", "system.string[]", "promise { <pending> }", "infinity", "-infinity", "+infinity", "true", "false", "void", "nothing"}},
	{who: "spreadsheets, in addition to their error values", words: []string{"#n/a", "#nv", "#n/d", "#getting_data", "(blank)", "(leer)", "(vide)", "loading..."}},
	{who: "web analytics: Google Analytics, Adobe Analytics, Matomo", words: []string{
		"(not set)", "not set", "(none)", "(not provided)", "not provided", "(other)", "(data not available)", "unspecified", "::unspecified::",
		"unassigned"}},
	{who: "product analytics: ids that Mixpanel, Amplitude and PostHog refuse", words: []string{
		"anonymous", "anon", "guest", "unknown", "not_authenticated", "id", "distinct_id", "user_id", "customer_id", "email",
		"n/a", "n.a.", "lmy47d", "default", "test"}},
	{who: "headers that came among the rows", words: []string{"device_id", "anonymous_id", "session_id", "order_id", "client_id", "visitor_id"}},
	{who: "shops and logins, of people without an account", words: []string{
		"anonymous user", "anonymous customer", "anonymous visitor", "guest user", "guest customer", "guest checkout", "guest account", "unknown user",
		"unknown customer", "no user", "no id", "no customer", "not logged in", "not signed in", "logged out", "nobody"}},
	{who: "what erases and hides people: Reddit, GitHub, Rails, Sentry, loggers", words: []string{
		"deleted", "deleted user", "deleted account", "removed", "removed user", "redacted", "anonymized", "anonymised", "[filtered]", "[hidden]",
		"[masked]",
		"[email]", "[phone]", "[customerid]"}},
	{who: "tills and books, of the customer that stands for all who are not known: Erply, DocketManager, MYOB, PBE", words: []string{
		"default customer", "walk-in customer", "walk-in cash customer", "cash customer", "cash sales"}},
	{who: "examples of Swagger UI, sent unchanged", words: []string{"string"}},
	{who: "devices: Android, iOS without consent to tracking, network cards", words: []string{
		"02:00:00:00:00:00", "020000000000", "9774d56d682e549c"}},
	{who: "zeros of 16 bytes in Base64, as Protobuf and drivers of databases write a UUID", exact: []string{"AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAA"}},
	{who: "numbers of nothing", words: []string{"-1", "-1.0"}},
	{who: "people who fill in forms", words: []string{
		"not applicable", "not available", "not known", "not given", "not specified", "not found", "not defined", "not entered", "not disclosed", "no data",
		"no value", "no email", "no e-mail", "none given", "none provided", "empty", "empty string", "unset", "unavailable", "unidentified", "k.a.",
		"k. a.", "n. a.",
		"n/v", "n.v.", "n. v.", "n/d", "n.d.", "n. d.", "s/d", "keine angabe", "ohne angabe", "nicht angegeben", "nicht bekannt", "nicht vorhanden",
		"unbekannt", "inconnu",
		"non renseigné", "non disponible", "inconnue", "desconocido", "desconhecido", "não informado", "okänd", "ukendt", "ukjent", "nieznany", "bilinmiyor",
		"нет данных", "не указано", "알 수 없음", "غير معروف", "sin datos", "no disponible", "sconosciuto", "onbekend", "неизвестно", "未知", "不明",
		"tbd"}},
	{who: "HTML", words: []string{"&nbsp;", "&nbsp"}},
}

var words, exactWords = func() (folded, exact map[string]bool) {
	folded, exact = map[string]bool{}, map[string]bool{}
	for _, s := range sources {
		for _, w := range s.words {
			folded[w] = true
		}
		for _, w := range s.exact {
			exact[w] = true
		}
	}
	return folded, exact
}()

// longestOfTable is the maximum length of a word of the table, folded or not.
var longestOfTable = func() (n int) {
	for _, list := range []map[string]bool{words, exactWords} {
		for w := range list {
			n = max(n, len(w))
		}
	}
	return n
}()

// longestWord is the maximum length of a placeholder: that of a SHA-512.
const longestWord = 128

// bare removes surrounding space, quotes and invisible characters.
func bare(s string) string {
	if isBare(s) {
		return s
	}
	return stripped(s)
}

// isBare reports whether there is nothing to remove, as in most identifiers. This check is faster than bare.
func isBare(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' {
			return false
		}
	}
	return s != "" && strings.IndexByte("\"'`", s[0]) < 0 && strings.IndexByte("\"'`", s[len(s)-1]) < 0
}

func stripped(s string) string {
	return strings.TrimFunc(value.Clean(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("\"'`“”„«»", r)
	})
}

// IsPlaceholder reports whether an identifier is a placeholder: a word of the table, or one by the rules of isPlaceholderByRule. Surrounding quotes are
// ignored. E-mail addresses are checked for any type of identity, because in many systems they are the customer id. typ is empty for values other
// than identities.
func IsPlaceholder(typ, s string) bool {
	s = bare(s)
	if at := strings.IndexByte(s, '@'); at >= 0 && typ != "" {
		local, domain := strings.ToLower(s[:at]), strings.ToLower(s[at+1:])
		if local == "" && domain == "" || domain != "" && isPlaceholderAddress(strings.TrimPrefix(local, "mailto:"), domain) {
			return true
		}
	}
	return len(s) <= longestWord && isPlaceholderByRule(s)
}

// Placeholders are the placeholders of an EventStore: its own, in addition to the table. A nil Placeholders has only those of the table.
type Placeholders struct{ own map[string]bool }

// NewPlaceholders adds an EventStore's own placeholders. They are compared like those of the table.
func NewPlaceholders(own []string) *Placeholders {
	if len(own) == 0 {
		return nil
	}
	p := &Placeholders{own: make(map[string]bool, len(own))}
	for _, w := range own {
		p.own[strings.ToLower(bare(w))] = true
	}
	return p
}

// Has reports whether an identifier, as it was sent, is a placeholder. An empty identifier is not.
func (p *Placeholders) Has(typ, s string) bool {
	if !isBare(s) && value.Clean(s) == "" {
		return false
	}
	return p != nil && p.own[strings.ToLower(bare(s))] || IsPlaceholder(typ, s)
}
