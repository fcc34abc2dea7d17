// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// The words of this file are what systems write where they know nobody. As an identity, one of them would make a single person of all
// strangers. docs/identity.md shows the same table.

// source is one kind of writer, with the words that it writes. Words are compared without case, but for those in exact.
type source struct {
	who          string
	words, exact []string
}

// sources of words for nobody. A word stands where it is found first.
var sources = []source{
	{who: "SQL databases and their exports: COPY of PostgreSQL, LOAD DATA of MySQL, Hive, Impala, Spark, SQL*Plus", words: []string{
		`\n`, `\\n`, "null", "__hive_default_partition__", "__null__", "dbnull", "system.dbnull"}},
	{who: "database clients: pgAdmin, DBeaver, DataGrip, HeidiSQL, SQL Server Management Studio, redis-cli", words: []string{
		"(null)", "[null]", "<null>", "{null}", "(nil)"}},
	{who: "pandas, NumPy, R, Julia, SAS and SPSS", words: []string{
		"nat", "<na>", "#n/a n/a", "#na", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "na_character_", "na_integer_", "character(0)",
		"missing", "sysmis", "inf", "-inf"},
		exact: []string{"NA", "na", "NaN", "nan", "NAN"}},
	{who: "programming languages: JavaScript, Python, Go, Swift, Objective-C, Ruby, Java, C, Lua", words: []string{
		"undefined", "nil", "<nil>", "%!s(<nil>)", "none", "optional(nil)", "nullptr", "[object object]", "[object undefined]", "[object null]",
		"infinity", "-infinity", "true", "false", "void"}},
	{who: "spreadsheets, beside their error values", words: []string{"#n/a", "#nv", "#n/d", "#getting_data", "(blank)", "(leer)", "(vide)", "loading..."}},
	{who: "web analytics: Google Analytics, Adobe Analytics, Matomo", words: []string{
		"(not set)", "not set", "not_set", "(none)", "(not provided)", "not provided", "(other)", "(data not available)", "unspecified", "::unspecified::"}},
	{who: "product analytics: ids that Mixpanel, Amplitude and PostHog refuse", words: []string{
		"anonymous", "anon", "guest", "unknown", "not_authenticated", "id", "distinct_id", "distinctid", "user_id", "userid", "customer_id", "customerid", "email",
		"n/a", "n.a.", "lmy47d", "default", "test"}},
	{who: "devices: Android, iOS without consent to tracking, network cards", words: []string{
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "00:00:00:00:00:00", "02:00:00:00:00:00", "ff:ff:ff:ff:ff:ff",
		"9774d56d682e549c"}},
	{who: "dates and numbers of nothing", words: []string{"-1", "0.0", "0000-00-00", "0000-00-00 00:00:00"}},
	{who: "people who fill in forms", words: []string{
		"not applicable", "not available", "not known", "no data", "k.a.", "keine angabe", "unbekannt", "inconnu", "desconocido", "tbd"}},
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

// longestWord is longer than any word and rule that is looked for.
const longestWord = 64

var (
	// spreadsheetErrors in the languages of Excel, Google Sheets and LibreOffice: #REF!, #BEZUG!, #¿NOMBRE?, Err:502.
	spreadsheetErrors = regexp.MustCompile(`^(#[¡¿]?[\p{Lu}/0-9_ ]{1,14}[!?]|Err:[0-9]{3})$`)
	// templates that nobody filled in: {{user_id}}, ${userId}, %%EMAIL%%, *|EMAIL|*, <%= id %>, [[id]], {%id%}.
	templates = regexp.MustCompile(`^(\{\{.*\}\}|\$\{.*\}|%%.*%%|\*\|.*\|\*|<%.*%>|\[\[.*\]\]|\{%.*%\}|__[A-Z][A-Z_]*__)$`)
)

// bare gives a text without what is put around values: space, quotes, and characters that nobody sees.
func bare(s string) string {
	if isBare(s) {
		return s
	}
	return stripped(s)
}

// isBare tells texts with nothing around them, as most identifiers are: it is seen sooner than it is looked for.
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

// IsPlaceholder tells whether an identifier of the type stands for nobody. It is a word of the table, an error of a spreadsheet, a template that was
// not filled in, only zeros, or only punctuation; quotes around it do not matter.
func IsPlaceholder(typ, s string) bool {
	s = bare(s)
	if typ == Email {
		if local, domain, ok := strings.Cut(strings.ToLower(s), "@"); ok {
			return nobodysMailbox(strings.TrimPrefix(local, "mailto:"), domain) || local == "" && domain == ""
		}
	}
	if len(s) > longestWord {
		return false
	}
	return exactWords[s] || words[strings.ToLower(s)] || strings.Trim(s, "0") == "" || isPunctuation(s) ||
		strings.IndexByte("#E{$%*<[_", s[0]) >= 0 && (spreadsheetErrors.MatchString(s) || templates.MatchString(s))
}

func isPunctuation(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsPunct(r) && !unicode.IsSpace(r) && !strings.ContainsRune("+<=>|~^$`", r)
	}) < 0
}

// initials are words of the table that begin many a person's address: only a domain of the same name makes them nobody's.
var initials = map[string]bool{"na": true, "nan": true, "nil": true, "id": true, "nat": true, "inf": true, "anon": true, "email": true, "true": true,
	"void": true, "default": true, "missing": true, "tbd": true, "inconnu": true, "desconocido": true, "userid": true, "not_set": true, "0": true}

// nobodysMailbox tells addresses that are made up of a word for nobody: null@shop.example, na@na.com.
func nobodysMailbox(local, domain string) bool {
	host, _, _ := strings.Cut(domain, ".")
	if initials[local] {
		return host == local
	}
	return words[local] || exactWords[local] || isPunctuation(local)
}

// Placeholders are the words for nobody of one EventStore: its own beside those of the table. The nil Placeholders has those of the table alone.
type Placeholders struct{ own map[string]bool }

// NewPlaceholders takes an EventStore's own words; they are compared as those of the table are.
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

// Has tells whether an identifier of the type, as it was sent, stands for nobody. An empty one is no word and stands for nothing.
func (p *Placeholders) Has(typ, s string) bool {
	if !isBare(s) && value.Clean(s) == "" {
		return false
	}
	return p != nil && p.own[strings.ToLower(bare(s))] || IsPlaceholder(typ, s)
}
