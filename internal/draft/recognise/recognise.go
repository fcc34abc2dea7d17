// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package recognise finds, by names and contents, what the columns of a file mean, and writes the expressions of a mapping rule for them.
package recognise

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/draft/profile"
	"github.com/journeyman-dev/journeyman/internal/plain"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
)

// Options of a file that it does not say itself.
type Options struct {
	// Columns are the columns of fields that the user named.
	Columns map[string]string
	// Event is the name of rows without one.
	Event string
	// Dates is the order of day and month.
	Dates plain.Order
	// Zone of times without one; empty for UTC.
	Zone string
	// Currency of amounts without one.
	Currency string
}

func (o *Options) zone() string {
	if o.Zone == "" {
		return "UTC"
	}
	return o.Zone
}

// Names of the fields that users can set.
var fieldNames = append([]string{"event", "time", "id", "amount", "currency", "orderId", "sessionId"}, plain.IdentityColumns()...)

// Rule is a mapping rule, with what was seen.
type Rule struct {
	Event, Time Field
	// The following have no expression if the file has no such column.
	Initiator, ID, Session, Order, Amount, Currency Field
	Identities, Properties                          []Field
	LeftOut                                         []LeftOut
	// Nobody is set if many rows can lack any identity.
	Nobody bool
	// Further is the condition for rows that are no events but further items of an order; empty if there are none.
	Further string
	// Checks are what the user should look at.
	Checks []string
}

// LeftOut is a column that the rule does not read.
type LeftOut struct {
	Column *profile.Column
	Why    string
}

// recogniser works on one file.
type recogniser struct {
	p     *profile.Profile
	o     Options
	out   Rule
	taken []*profile.Column
}

// Columns returns the rule for a file. The error says what no column has, and how to name it.
func Columns(p *profile.Profile, o Options) (*Rule, error) {
	r := &recogniser{p: p, o: o}
	if err := r.givenAll(); err != nil {
		return nil, err
	}
	r.orderExport()
	for _, find := range []func() error{r.time, r.event, r.identities} {
		if err := find(); err != nil {
			return nil, err
		}
	}
	r.money()
	r.keys()
	r.properties()
	return &r.out, nil
}

// orderExport sets what is known of Shopify's export of orders.
func (r *recogniser) orderExport() {
	var names []string
	for _, c := range r.p.Columns {
		names = append(names, c.Name())
	}
	if !r.p.Table() || !plain.IsOrderExport(names) {
		return
	}
	r.out.Further = `!("Financial Status" in body)`
	if r.o.Event == "" {
		r.o.Event = orderName
	}
	given := map[string]string{"orderId": "Name"}
	maps.Copy(given, r.o.Columns)
	r.o.Columns = given
	for _, c := range r.p.Columns {
		if plain.OfTheShop(c.Name()) || c.Name() == "Id" {
			r.leave(c, "it is of the shop, and not of the customer")
		}
	}
}

// givenAll checks the columns that the user named.
func (r *recogniser) givenAll() error {
	for _, field := range fieldNames {
		if name, ok := r.o.Columns[field]; ok && r.p.Of(name) == nil {
			return fmt.Errorf("--column %s=%s: there is no such column; columns are %s", field, name, r.names())
		}
	}
	return nil
}

// ParseColumns reads pairs of a field and a column.
func ParseColumns(list []string) (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range list {
		field, column, ok := strings.Cut(pair, "=")
		if !ok || column == "" || !slices.Contains(fieldNames, field) {
			return nil, fmt.Errorf("--column %s: use FIELD=COLUMN, with one of the fields %s", pair, strings.Join(fieldNames, ", "))
		}
		out[field] = column
	}
	return out, nil
}

// given returns the column that the user named for a field.
func (r *recogniser) given(field string) *profile.Column {
	if name, ok := r.o.Columns[field]; ok {
		return r.p.Of(name)
	}
	return nil
}

// free returns the columns with values that have no meaning yet.
func (r *recogniser) free() []*profile.Column {
	var out []*profile.Column
	for _, c := range r.p.Columns {
		if c.Filled > 0 && !slices.Contains(r.taken, c) && !r.isGiven(c) {
			out = append(out, c)
		}
	}
	return out
}

func (r *recogniser) isGiven(c *profile.Column) bool {
	for _, name := range r.o.Columns {
		if c.Name() == name {
			return true
		}
	}
	return false
}

func (r *recogniser) take(c *profile.Column) { r.taken = append(r.taken, c) }

func (r *recogniser) check(text string) { r.out.Checks = append(r.out.Checks, text) }

// named returns the free column whose name stands for a field, of the highest priority; nil if none fits.
func (r *recogniser) named(field string, fits func(*profile.Column) bool) *profile.Column {
	if c := r.given(field); c != nil {
		return c
	}
	var best *profile.Column
	least := 0
	for _, c := range r.free() {
		meaning, rank := meaningOf(c)
		if rank += 1000 * (len(c.Path) - 1); meaning != field || !fits(c) || best != nil && rank >= least {
			continue
		}
		best, least = c, rank
	}
	return best
}

// meaningOf returns the meaning of the name of a column: of a nested field with that of the object around it, as in user.id, or else without it.
func meaningOf(c *profile.Column) (string, int) {
	if n := len(c.Path); n > 1 {
		if meaning, rank := plain.Meaning(c.Path[n-2] + "_" + c.Path[n-1]); meaning != "" {
			return meaning, rank
		}
		if slices.Contains([]string{"id", "uuid", "name", "type"}, strings.ToLower(c.Leaf())) {
			return "", 0 // of the object, and not of the event
		}
	}
	return plain.Meaning(c.Leaf())
}

// has reports whether the name of a column has one of the parts.
func has(c *profile.Column, parts ...string) bool {
	name := strings.ToLower(c.Leaf())
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(name, part) })
}

// maxListed is the number of columns that a message lists.
const maxListed = 30

func (r *recogniser) names() string {
	var list []string
	for _, c := range r.p.Columns {
		if len(list) == maxListed {
			list = append(list, "…")
			break
		}
		list = append(list, shown(c.Name()))
	}
	return strings.Join(list, ", ")
}

// shown returns the name of a column as a message shows it.
func shown(name string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '\ufffd'
		}
		return c
	}, mask.Name(name))
}

func (r *recogniser) lacks(field, what string) error {
	hint := ""
	if list := r.lists(); list != "" {
		hint = fmt.Sprintf(". The column %s has lists of objects: write each of these as a line of its own first", shown(list))
	}
	return fmt.Errorf("%s: set --column %s=COLUMN to the name of the column; columns are %s%s", what, field, r.names(), hint)
}

// lists returns a column whose values are lists of objects, which can be the rows.
func (r *recogniser) lists() string {
	for _, c := range r.p.Columns {
		if c.Mostly(c.Forms.Objects) {
			return c.Name()
		}
	}
	return ""
}
