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

// IsOrderExport reports whether a table is an export of orders as Shopify makes it, in which an order has a row for each item. Name is the number of the
// order, and Financial Status is empty in further rows.
func IsOrderExport(columns []string) bool { return itemsOf(columns).there }

// OfTheShop reports whether a column of such an export has another meaning than its name has elsewhere.
func OfTheShop(name string) bool { return ofTheShop[name] }

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
