// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"fmt"
	"slices"
	"strings"
)

// maxNoted bounds the columns that are remembered for a note: documents may have any number of names.
const maxNoted = 100

// notes are what a reader took for what.
type notes struct {
	seen       map[string]bool
	columns    []string
	properties []string
	units      []string
	// noZone, noClock and comma count times without a zone, days without a time, and decimals with a comma.
	noZone, noClock, comma int64
}

// column notes that a column of the file is one of the plain form under another name.
func (n *notes) column(name, as string) {
	if as == "" || name == as || n.seen[name] || len(n.seen) == maxNoted {
		return
	}
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	n.seen[name] = true
	if as == distinctID {
		as = "anonymousId where it is a device's or a UUID, else as customerId"
		name = distinctID
	}
	n.columns = append(n.columns, fmt.Sprintf("%s as %s", name, as))
}

// property notes that a column stays a property.
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
			what = "only beside distinct_id or event_type it is the id of an event"
		}
		out = append(out, fmt.Sprintf("column %s is a property: %s", name, what))
	}
	for _, unit := range n.units {
		if unit != "seconds" {
			out = append(out, fmt.Sprintf("times are read as %s", unitText(unit)))
		}
	}
	if n.noZone > 0 {
		out = append(out, fmt.Sprintf("%d times without a time zone are read as UTC", n.noZone))
	}
	if n.noClock > 0 {
		out = append(out, fmt.Sprintf("%d days without a time are read as midnight in UTC", n.noClock))
	}
	if n.comma > 0 {
		out = append(out, fmt.Sprintf("%d numbers with a decimal comma are read as such: 129,90 is 129.90", n.comma))
	}
	return out
}

func unitText(unit string) string {
	if strings.Contains(unit, "date") {
		return "compact dates in UTC, such as 20261121"
	}
	return unit + " since 1970"
}
