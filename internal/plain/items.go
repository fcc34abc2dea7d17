// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import "strings"

// An export of orders may have a row for each item. The first one has what is of the order; the others repeat its name, and their columns of
// the order are empty. Shopify writes them so.

// itemColumn and orderColumns are those of such an export.
const itemColumn = "Lineitem name"

var orderColumns = []string{"Name", "Total", "Financial Status"}

// ofTheShop are columns of such an export that are called as those of the plain form, and are others: the till's device, which all customers of a
// till would share, and how the order came in.
var ofTheShop = map[string]bool{"Device ID": true, "Source": true}

// items tells further items of an order from orders.
type items struct {
	// there tells that the table is such an export.
	there bool
	// order is the name of the last one.
	order string
}

func itemsOf(columns []string) items {
	found := map[string]bool{}
	for _, name := range columns {
		found[name] = true
	}
	there := found[itemColumn]
	for _, name := range orderColumns {
		there = there && found[name]
	}
	return items{there: there}
}

// NoEvent reports whether a row of an export of orders is none: a further item of the order above it, or a test order. It takes note of what
// orders say of refunds, which is no event of its own.
func (r *Reader) NoEvent(row map[string]any) bool {
	if !r.items.there {
		return false
	}
	name, _ := row["Name"].(string)
	further := name != "" && name == r.items.order && row["Total"] == nil && row["Financial Status"] == nil
	r.items.order = name
	method, _ := row["Payment Method"].(string)
	switch {
	case further:
		r.said.items++
		return true
	case strings.HasPrefix(strings.ToLower(method), "(for testing)"):
		r.said.tests++
		return true
	}
	if refunded, _ := row["Refunded Amount"].(string); strings.Trim(refunded, "0.,") != "" || row["Cancelled at"] != nil {
		r.said.undone++
	}
	return false
}
