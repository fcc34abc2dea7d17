// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// columns maps the columns of a table, or the fields of a document, to the plain form.
type columns struct {
	// as maps the name in the file to the name in the plain form. Names that are not in it are properties.
	as map[string]string
	// alone are columns that would be known in combination with others, and are properties without them.
	alone []string
}

// columnsOf chooses, for each column of the plain form, the name with the highest priority.
func columnsOf(names []string) columns {
	best := map[string]string{}
	rank := map[string]int{}
	out := columns{as: make(map[string]string, len(names))}
	simples := make(map[string]bool, len(names))
	for _, name := range names {
		simples[simple(name)] = true
	}
	shop := itemsOf(names).there
	for _, name := range names {
		m := meaningOf(name)
		if m.column == "" || shop && ofTheShop[name] {
			continue
		}
		if !accompanied(simple(name), m.column, simples) {
			out.alone = append(out.alone, name)
			continue
		}
		if b, taken := best[m.column]; !taken || m.rank < rank[m.column] || m.rank == rank[m.column] && name < b {
			best[m.column], rank[m.column] = name, m.rank
		}
	}
	for column, name := range best {
		out.as[name] = column
	}
	return out
}

func accompanied(name, column string, all map[string]bool) bool {
	needs := companions[name]
	if len(needs) == 0 || name == simple(column) {
		return true
	}
	for _, other := range needs {
		for _, k := range known {
			if simple(k.column) != simple(other) {
				continue
			}
			for _, n := range k.names {
				if all[simple(n)] {
					return true
				}
			}
		}
		if all[other] {
			return true
		}
	}
	return false
}

// has reports whether a column of the plain form exists.
func (c *columns) has(column string) bool {
	for _, as := range c.as {
		if as == column {
			return true
		}
	}
	return false
}

// flattened refuses an export of Google Analytics that has several rows for an event, one for each parameter.
func flattened(names []string) error {
	for _, name := range names {
		if strings.HasPrefix(simple(name), "eventparams") && strings.HasSuffix(simple(name), "key") {
			return fmt.Errorf("the column %s spreads each event over several rows, one for each of its parameters: export the events as NDJSON, "+
				"or make each parameter a column of its own", name)
		}
	}
	return nil
}

// missing returns an error if a required column is missing.
func missing(c *columns, names []string, event string) error {
	var lacks []string
	if event == "" && !c.has("event") {
		lacks = append(lacks, "event")
	}
	if !c.has("time") {
		lacks = append(lacks, "time")
	}
	identified := slices.ContainsFunc(append([]string{distinctID, "identities"}, identityColumns...), c.has)
	dotted := slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, "identities.") })
	if !identified && !dotted && !c.has("properties") {
		lacks = append(lacks, "customerId (or another identity)")
	}
	if len(lacks) == 0 {
		return nil
	}
	named := ""
	if lacks[0] == "event" {
		named = "name the events of all rows by --event, "
	}
	return fmt.Errorf("no column %s; columns are %s: rename the column that holds it, %sor map the rows by the rules of a TouchpointSource",
		strings.Join(lacks, ", no column "), mask.Name(listed(names)), named)
}

// maxListed is the number of names that a message lists.
const maxListed = 30

// listed formats names as a list.
func listed(names []string) string {
	var out []string
	for _, n := range names {
		if n != "" {
			out = append(out, n)
		}
	}
	if len(out) > maxListed {
		out = append(out[:maxListed:maxListed], fmt.Sprintf("and %d more", len(out)-maxListed))
	}
	return strings.Join(out, ", ")
}
