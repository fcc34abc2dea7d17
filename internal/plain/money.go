// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// amounts counts the events of one name, all of them and those without an amount.
type amounts struct{ all, none int64 }

// amount notes whether an event has an amount.
func (n *notes) amount(row map[string]any) {
	name, _ := row["event"].(string)
	a := n.amounts[name]
	if a == nil {
		if len(n.amounts) == maxNoted {
			return
		}
		if n.amounts == nil {
			n.amounts = map[string]*amounts{}
		}
		a = &amounts{}
		n.amounts[name] = a
	}
	a.all++
	if v := row["amount"]; v == nil || v == "" {
		a.none++
	}
}

// aboutMoney lists what is in no sum of money although it might be meant to be: events without an amount where others with their name have one, and columns.
func (n *notes) aboutMoney() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(n.amounts)) {
		if a := n.amounts[name]; a.none > 0 && a.none < a.all {
			out = append(out, fmt.Sprintf("%d of %s named %q %s no amount, and %s in no sum of money", a.none, value.Counted(a.all, "event"), name,
				value.Agreed(a.none, "has", "have"), value.Agreed(a.none, "counts", "count")))
		}
	}
	if n.money != "" {
		out = append(out, n.money)
	}
	return out
}

// changes are words in the names of columns that change the value of an order.
var changes = []string{"refund", "discount", "chargeback", "outstanding", "cancelledamount", "canceledamount", "voided"}

// unusedMoney lists the columns about money that are read as properties, besides the amount.
func unusedMoney(names []string, c *columns) string {
	amount := ""
	for name, as := range c.as {
		if as == "amount" {
			amount = name
		}
	}
	if amount == "" {
		return ""
	}
	var list []string
	for _, name := range names {
		s := simple(name)
		other := meaningOf(name).column == "amount" && name != amount
		if c.as[name] == "" && !strings.Contains(s, "code") && (other || slices.ContainsFunc(changes, func(word string) bool { return strings.Contains(s, word) })) {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return ""
	}
	what := "is a property"
	if len(list) > 1 {
		what = "are properties"
	}
	return fmt.Sprintf("the amount is %s alone; %s %s, and no refund or discount is read: use mapping rules for that", amount, listed(list), what)
}
