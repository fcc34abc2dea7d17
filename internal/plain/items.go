// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

// An export of orders may have a row for each item. The first one has what is of the order; the others repeat its name, and their columns of
// the order are empty. Shopify writes them so.

// itemColumn and orderColumns are those of such an export.
const itemColumn = "Lineitem name"

var orderColumns = []string{"Name", "Total", "Financial Status"}

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

// FurtherItem tells whether a row is a further item of the order above it, and so no event of its own.
func (r *Reader) FurtherItem(row map[string]any) bool {
	if !r.items.there {
		return false
	}
	name, _ := row["Name"].(string)
	further := name != "" && name == r.items.order && row["Total"] == nil && row["Financial Status"] == nil
	r.items.order = name
	if further {
		r.said.items++
	}
	return further
}
