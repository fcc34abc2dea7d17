// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Forms of numbers as spreadsheets write them: groups of three digits, and a point or a comma before the decimals.
var (
	ambiguous    = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2},[0-9]{3}$`)
	commaDecimal = regexp.MustCompile(`^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+$`)
	pointDecimal = regexp.MustCompile(`^[+-]?([0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$`)
	pointGroups  = regexp.MustCompile(`^[+-]?[0-9]{1,3}(\.[0-9]{3}){2,}$`)
	blanks       = strings.NewReplacer("\u00a0", "", "\u202f", "", "'", "", "’", "", " ", "")
	spaced       = regexp.MustCompile("^[+-]?[0-9]{1,3}([ \u00a0\u202f'’][0-9]{3})+([.,][0-9]+)?$")
)

// Money as people and accountants write it: with the sign or the letters of its currency, negative in brackets or with a trailing minus.
var (
	currencySign = regexp.MustCompile(`^([+-]?) *(?:[A-Z]{0,3}[` + signs + `]|[A-Z]{3}) *` +
		`|[ \x{00a0}\x{202f}]*(?:[A-Z]{0,3}[` + signs + `]|[A-Z]{3})$`)
	inBrackets  = regexp.MustCompile(`^\((.+)\)$`)
	pointGroup  = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$`)
	minusBehind = regexp.MustCompile(`^([0-9.,'’ \x{00a0}\x{202f}]+)[-−]$`)
)

var (
	errPercent  = errors.New("is a percentage, not an amount")
	errCurrency = errors.New("has another currency than the column currency")
)

// moneyOf parses an amount as decimalOf does. commas is set if the file can have decimals with a comma, so that a point can separate groups of digits.
func moneyOf(text, currency string, commas bool) (plain string, comma bool, err error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "−", "-"))
	if strings.HasSuffix(text, "%") {
		return "", false, errPercent
	}
	sign := ""
	if m := inBrackets.FindStringSubmatch(text); m != nil {
		text, sign = m[1], "-"
	}
	if m := minusBehind.FindStringSubmatch(text); m != nil && sign == "" {
		text, sign = strings.TrimSpace(m[1]), "-"
	}
	if m := currencySign.FindStringSubmatchIndex(text); m != nil && strings.ContainsAny(text, "0123456789") {
		if otherCurrency(text[m[0]:m[1]], currency) {
			return "", false, errCurrency
		}
		kept := ""
		if m[2] >= 0 {
			kept = text[m[2]:m[3]]
		}
		text = text[:m[0]] + kept + text[m[1]:]
	}
	if commas && pointGroup.MatchString(text) && !thirds[strings.ToUpper(strings.TrimSpace(currency))] {
		return "", false, fmt.Errorf("%q %w", text, errGroups)
	}
	plain, comma, err = decimalOf(text)
	if sign != "" && err == nil && !strings.HasPrefix(plain, "-") {
		plain = sign + plain
	}
	return plain, comma, err
}

// otherCurrency reports whether a sign belongs to another currency. A dollar sign can be of many countries, a euro sign of one currency. Letters
// without a meaning belong to the sign after them.
func otherCurrency(sign, currency string) bool {
	sign, currency = strings.Trim(sign, "+- \u00a0\u202f"), strings.ToUpper(strings.TrimSpace(currency))
	if currency == "" {
		return false
	}
	letters := strings.TrimRight(sign, signs)
	switch own := signOf[strings.TrimPrefix(sign, letters)]; {
	case sign == letters && len(sign) == 3:
		return sign != currency
	case sign == letters:
		return false
	case letters != "" && len(letters) < 3:
		return !slices.Contains(strings.Fields(lettered[sign]), currency)
	case letters != "" && letters != currency:
		return true
	default:
		return !slices.Contains(strings.Fields(own), currency)
	}
}

var errGroups = errors.New("may be a number with decimals or one with groups of three digits: write it without groups and with two or four decimals, " +
	"such as 1234.50")

// decimalOf returns a number with a point before its decimals and without groups of digits. comma is set if it had a decimal comma. An ambiguous
// number is an error; a text that is not a number is returned unchanged.
func decimalOf(text string) (plain string, comma bool, err error) {
	text = strings.TrimSpace(text)
	if spaced.MatchString(text) {
		text = blanks.Replace(text)
	}
	switch {
	case ambiguous.MatchString(text):
		return "", false, fmt.Errorf("%q %w", text, errGroups)
	case pointGroups.MatchString(text):
		return strings.ReplaceAll(text, ".", ""), false, nil
	case commaDecimal.MatchString(text):
		return strings.ReplaceAll(strings.ReplaceAll(text, ".", ""), ",", "."), true, nil
	case pointDecimal.MatchString(text):
		return strings.ReplaceAll(text, ",", ""), false, nil
	}
	return strings.TrimPrefix(text, "+"), false, nil
}

// decimalComma is decimalOf for columns of any kind: a text without a comma, or with more than one meaning, is left unchanged.
func decimalComma(text string) (string, bool) {
	if len(text) > 32 || strings.Count(text, ",") != 1 || ambiguous.MatchString(text) || !commaDecimal.MatchString(text) {
		return text, false
	}
	plain, comma, err := decimalOf(text)
	return plain, comma && err == nil
}
