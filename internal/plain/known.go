// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import "strings"

// Signs are the signs of currencies that amounts can have.
const Signs = signs

// Meaning returns the column of the plain form that a name stands for, in any spelling, and the priority of the name; lower is better. The column is
// empty for an unknown name. DistinctID is one of them.
func Meaning(name string) (column string, priority int) {
	m := meaningOf(name)
	return m.column, m.rank
}

// DistinctID is the meaning of a column with the id of a customer once it is known, and that of a device before.
const DistinctID = distinctID

// IdentityColumns returns the columns of the plain form with identities, the strongest first.
func IdentityColumns() []string { return append([]string(nil), identityColumns...) }

// CurrencyOf returns the currency of a sign or a code; empty if several countries use it.
func CurrencyOf(sign string) string {
	all := signOf[sign]
	if all == "" {
		all = lettered[sign]
	}
	if all == "" && len(sign) == 3 && strings.Trim(sign, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		all = sign
	}
	if strings.Contains(all, " ") {
		return ""
	}
	return all
}
