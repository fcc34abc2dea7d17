// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// Order is the order of day and month in dates such as 03/04/2026. It differs between countries, so it has to be set.
type Order string

const (
	// DayFirst is 3 April.
	DayFirst Order = "dmy"
	// MonthFirst is 4 March.
	MonthFirst Order = "mdy"
)

var (
	// dayForm is a date as three numbers, and what follows it.
	dayForm = regexp.MustCompile(`^([0-9]{1,4})([-/.])([0-9]{1,2})([-/.])([0-9]{1,4})\.?(,? .*|T.*)?$`)
	// Dates with the English name of the month.
	dayMonthForm = regexp.MustCompile(`^([0-9]{1,2})(?:st|nd|rd|th)?[- ]([A-Za-z]{3,9})\.?,?[- ]([0-9]{4})(.*)$`)
	monthDayForm = regexp.MustCompile(`^([A-Za-z]{3,9})\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})(.*)$`)
	weekdayForm  = regexp.MustCompile(`^(?i)(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +`)
	clockForm    = regexp.MustCompile(`^(?i)[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[ap]\.?m\.?)?$`)
	exponentTime = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}$`)
	// exponentForm is a number as spreadsheets shorten long ones. Identifiers can contain an E, but hardly a plus after it.
	exponentForm = regexp.MustCompile(`^[+-]?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}$`)
)

var (
	errOrder      = errors.New("is ambiguous: set --dates to dmy (day first) or mdy (month first), or write 2026-11-21T10:14:57Z")
	errDayFirst   = errors.New("has the day first, because its first number is not a month: set --dates to dmy, or write 2026-11-21T10:14:57Z")
	errMonthFirst = errors.New("has the month first, because its second number is not a month: set --dates to mdy, or write 2026-11-21T10:14:57Z")
	errExponent   = errors.New("looks like a number that a spreadsheet has shortened, so that digits are lost: " +
		"format the column as text, or as a number without decimals, before the export")
	errClock = errors.New("is a time of day, and there is no column date")
)

// dayOf converts the date at the beginning of a text to the form 2006-01-02, if it is unambiguous, or if the order is set.
func (r *Reader) dayOf(text string) (string, error) {
	text = weekdayForm.ReplaceAllString(text, "")
	if m := dayForm.FindStringSubmatch(text); m != nil && m[2] == m[4] {
		return r.numbered(text, m)
	}
	day, month, year, rest := "", "", "", ""
	if m := dayMonthForm.FindStringSubmatch(text); m != nil {
		day, month, year, rest = m[1], m[2], m[3], m[4]
	} else if m := monthDayForm.FindStringSubmatch(text); m != nil {
		month, day, year, rest = m[1], m[2], m[3], m[4]
	}
	if n := monthOf(month); n > 0 {
		return joined(year, strconv.Itoa(n), day, strings.TrimPrefix(strings.TrimLeft(rest, ", "), "at ")), nil
	}
	return text, nil
}

// numbered reads a date as three numbers. Wherever dates are written with points, the day comes first.
func (r *Reader) numbered(text string, m []string) (string, error) {
	a, b, c, rest := m[1], m[3], m[5], strings.TrimLeft(m[6], ", T")
	switch {
	case len(a) == 4:
		return joined(a, b, c, rest), nil
	case len(a) > 2 || len(c) == 3 || len(c) == 1:
		return text, nil
	case len(c) == 4 && m[2] == "." && r.options.Dates != MonthFirst, r.options.Dates == DayFirst:
		r.said.order(m[2], DayFirst)
		return joined(century(c), b, a, rest), nil
	case r.options.Dates == MonthFirst:
		r.said.order(m[2], MonthFirst)
		return joined(century(c), a, b, rest), nil
	}
	switch x, y := number(a), number(b); {
	case x > 12 && x <= 31 && y <= 12:
		return "", errDayFirst
	case y > 12 && y <= 31 && x <= 12:
		return "", errMonthFirst
	}
	return "", errOrder
}

// number parses one or two digits.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// century completes a two-digit year.
func century(year string) string {
	switch {
	case len(year) != 2:
		return year
	case year < "70":
		return "20" + year
	}
	return "19" + year
}

func joined(year, month, day, rest string) string {
	out := fmt.Sprintf("%s-%02s-%02s", year, month, day)
	if rest = strings.TrimSpace(rest); rest != "" {
		out += " " + rest
	}
	return out
}

// monthOf returns the number of a month, given its English name or the first three letters, or 0.
func monthOf(name string) int {
	for m := time.January; m <= time.December; m++ {
		if full := m.String(); strings.EqualFold(name, full) || strings.EqualFold(name, full[:3]) {
			return int(m)
		}
	}
	if strings.EqualFold(name, "sept") {
		return int(time.September)
	}
	return 0
}

// withDay prepends the day in another column to a time of day, as tills write them.
func withDay(row map[string]any, clock string) (string, error) {
	for _, day := range []string{"date", "eventdate", "orderdate", "transactiondate", "day"} {
		for name, v := range row {
			if text, ok := v.(string); ok && simple(name) == day && strings.ContainsAny(text, "-/.") && !strings.Contains(text, ":") {
				delete(row, name)
				return strings.TrimSpace(text) + " " + clock, nil
			}
		}
	}
	return "", errClock
}

// localTime reads a time without a zone in the zone that was set.
func (r *Reader) localTime(t value.TimeText) (time.Time, error) {
	at, twice, err := t.In(r.options.Zone)
	if twice {
		r.said.twice++
	}
	return at, err
}
