// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"errors"
	"fmt"
	"regexp"
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

var errGroups = errors.New("may be a number with decimals or one with groups of three digits: write it with a point and without groups, such as 1234.50")

// decimalOf gives a number with a point before its decimals and without groups of digits. comma tells that it had a comma there. What
// may be two numbers is refused; what is none is given as it is.
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

// decimalComma is decimalOf for columns that may hold anything: what has no comma, or more than one meaning, stays.
func decimalComma(text string) (string, bool) {
	if len(text) > 32 || strings.Count(text, ",") != 1 || ambiguous.MatchString(text) || !commaDecimal.MatchString(text) {
		return text, false
	}
	plain, comma, err := decimalOf(text)
	return plain, comma && err == nil
}
