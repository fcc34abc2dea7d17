// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"regexp"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/plain"
)

// Money counts the forms of amounts.
type Money struct {
	// Plain have a point before the decimals or none; Commas a comma there; Groups commas between groups of digits.
	Plain, Commas, Groups int64
	// Both can be read as decimals with a comma or as groups.
	Both int64
	// Points is the number of amounts such as 1.234, which have groups where decimals have commas.
	Points int64
	// Signs count the signs and codes of currencies next to the numbers.
	Signs map[string]int64
}

var (
	plainForm  = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,6})?$`)
	commaForm  = regexp.MustCompile(`^-?([0-9]{1,12}|[0-9]{1,3}(\.[0-9]{3})+),[0-9]{1,6}$`)
	groupsForm = regexp.MustCompile(`^-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,6})?$`)
	bothForm   = regexp.MustCompile(`^-?[1-9][0-9]{0,2},[0-9]{3}$`)
	pointForm  = regexp.MustCompile(`^-?[1-9][0-9]{0,2}(\.[0-9]{3})+$`)
	signForm   = regexp.MustCompile(`^(-?)((?:[A-Z]{0,3}[` + plain.Signs + `]|[A-Z]{3})?) *(-?[0-9][0-9.,]*) *((?:[` + plain.Signs + `]|[A-Z]{3})?)$`)
)

// maxSigns is the number of signs of a column that are kept apart.
const maxSigns = 4

func (m *Money) look(s string) {
	if len(s) > 32 {
		return
	}
	parts := signForm.FindStringSubmatch(strings.ReplaceAll(s, "\u00a0", " "))
	if parts == nil {
		return
	}
	for _, sign := range []string{parts[2], parts[4]} {
		if sign == "" {
			continue
		}
		if _, known := m.Signs[sign]; !known && len(m.Signs) == maxSigns {
			return
		}
		if m.Signs == nil {
			m.Signs = map[string]int64{}
		}
		m.Signs[sign]++
	}
	n := parts[1] + parts[3]
	switch {
	case bothForm.MatchString(n):
		m.Both++
	case plainForm.MatchString(n):
		m.Plain++
		if pointForm.MatchString(n) {
			m.Points++
		}
	case pointForm.MatchString(n):
		m.Points++
		m.Commas++
	case commaForm.MatchString(n):
		m.Commas++
	case groupsForm.MatchString(n):
		m.Groups++
	}
}

// All returns the number of amounts.
func (m *Money) All() int64 { return m.Plain + m.Commas + m.Groups + m.Both }
