// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxNoted is the number of columns that a note remembers, because documents can have any number of names.
const maxNoted = 100

// notes records how a reader interpreted the file.
type notes struct {
	// plain is set if a row was read in the plain form; otherwise nothing was interpreted.
	plain      bool
	seen       map[string]bool
	columns    []string
	properties []string
	units      []string
	// noZone, noClock and comma count times without a zone, days without a time, and decimals with a comma.
	noZone, noClock, comma int64
	// zone is the time zone of times without one; empty for UTC. twice counts the times that occur twice on its clock.
	zone  string
	twice int64
	// orders holds the orders of day and month that were read, by the character between their parts.
	orders map[string]Order
	// items counts the rows that are further items of an order.
	items int64
	// tests counts test orders, undone those that were refunded or cancelled.
	tests, undone int64
	// amounts counts the events by name. money lists the columns that look like amounts, besides the one that is read as the amount.
	amounts map[string]*amounts
	money   string
}

// column notes that a column of the file is read as a column of the plain form with a different name.
func (n *notes) column(name, as string) {
	if as == "" || name == as && as != distinctID || n.seen[name] || len(n.seen) == maxNoted {
		return
	}
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	n.seen[name] = true
	if as == distinctID {
		as = "anonymousId if it is a device id or a UUID, else as customerId"
	}
	n.columns = append(n.columns, fmt.Sprintf("%s as %s", name, as))
}

// property notes that a column is read as a property.
func (n *notes) property(name string) { n.properties = append(n.properties, name) }

func (n *notes) unit(name string) {
	if !slices.Contains(n.units, name) {
		n.units = append(n.units, name)
	}
}

func (n *notes) list() []string {
	var out []string
	if len(n.columns) > 0 {
		out = append(out, "read "+strings.Join(n.columns, ", "))
	}
	for _, name := range n.properties {
		what := "an amount needs a column currency"
		if simple(name) == "uuid" {
			what = "it is the id of an event only if there is also distinct_id or event_type"
		}
		out = append(out, fmt.Sprintf("column %s is a property: %s", name, what))
	}
	for _, unit := range n.units {
		if unit != "seconds" {
			out = append(out, fmt.Sprintf("times are read as %s", unitText(unit)))
		}
	}
	zone := cmp.Or(n.zone, "UTC")
	if n.noZone > 0 {
		out = append(out, fmt.Sprintf("%s without a time zone %s read as %s", value.Counted(n.noZone, "time"), are(n.noZone), zone))
	}
	if n.twice > 0 {
		out = append(out, fmt.Sprintf("%s %s ambiguous, because the clock was put back in %s: read as the first one",
			value.Counted(n.twice, "time"), are(n.twice), zone))
	}
	if n.noClock > 0 {
		out = append(out, fmt.Sprintf("%s without a time %s read as midnight in %s", value.Counted(n.noClock, "day"), are(n.noClock), zone))
	}
	for _, between := range slices.Sorted(maps.Keys(n.orders)) {
		first := map[Order]string{DayFirst: "day", MonthFirst: "month"}[n.orders[between]]
		out = append(out, fmt.Sprintf("days such as %s are read with the %s first", strings.Join([]string{"03", "04", "2026"}, between), first))
	}
	if n.comma > 0 {
		out = append(out, fmt.Sprintf("%s with a decimal comma %s read as such: 129,90 is 129.90", value.Counted(n.comma, "number"), are(n.comma)))
	}
	switch {
	case n.items == 1:
		out = append(out, "1 row is a further item of the order above it, not an event")
	case n.items > 1:
		out = append(out, fmt.Sprintf("%d rows are further items of the orders above them, not events", n.items))
	}
	if n.tests > 0 {
		out = append(out, fmt.Sprintf("%s %s left out", value.Counted(n.tests, "test order"), are(n.tests)))
	}
	if n.undone > 0 {
		out = append(out, fmt.Sprintf("%s %s refunded or cancelled, by the columns Refunded Amount and Cancelled at, "+
			"which create no events here: mapping rules can", value.Counted(n.undone, "order"), value.Agreed(n.undone, "was", "were")))
	}
	return append(out, n.aboutMoney()...)
}

// are returns "is" or "are", by number.
func are(n int64) string { return value.Agreed(n, "is", "are") }

// order notes how a day was read.
func (n *notes) order(between string, o Order) {
	if n.orders == nil {
		n.orders = map[string]Order{}
	}
	n.orders[between] = o
}

func unitText(unit string) string {
	if strings.Contains(unit, "date") {
		return "compact dates in UTC, such as 20261121"
	}
	return unit + " since 1970"
}
