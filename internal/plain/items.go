// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import "strings"

// An export of orders can have a row for each item. The first row has the columns of the order. The others repeat its name, and their columns of the
// order are empty. Shopify exports are like this.

// itemColumn and orderColumns identify such an export.
const itemColumn = "Lineitem name"

var orderColumns = []string{"Name", "Total", "Financial Status"}

// ofTheShop are columns of such an export that have the names of columns in the plain form with a different meaning: the device of the till, which
// all its customers would share, and the sales channel of the order.
var ofTheShop = map[string]bool{"Device ID": true, "Source": true}

// items distinguishes further items of an order from orders.
type items struct {
	// there is set if the table is such an export.
	there bool
	// order is the name of the last order.
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

// NoEvent reports whether a row of an export of orders is not an event: a further item of the order above it, or a test order. It also notes refunds,
// which are not events of their own.
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
