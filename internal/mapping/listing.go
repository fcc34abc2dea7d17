// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/decls"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// Function is a function, an operator or a macro that rules can use.
type Function struct {
	// Name as written in rules.
	Name string
	// Forms are the signatures, such as "text.split(string) -> list(string)"; none for operators.
	Forms []string
}

// Functions returns what the expressions of rules can call, by name. It is the same for documents and for items.
func Functions() []Function {
	var out []Function
	for name, f := range documentEnv.Functions() {
		if _, operator := operators.FindReverse(name); operator || name == "in" || strings.ContainsAny(name[:1], "_!?") ||
			strings.Contains(name, "@") || strings.HasPrefix(name, "optional_") {
			continue
		}
		forms := map[string]bool{}
		for _, o := range f.OverloadDecls() {
			forms[form(name, o)] = true
		}
		out = append(out, Function{Name: name, Forms: slices.Sorted(maps.Keys(forms))})
	}
	slices.SortFunc(out, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Macros returns the names of CEL's macros, such as has and map, which are called like functions.
func Macros() []string {
	names := map[string]bool{}
	for _, m := range documentEnv.Macros() {
		name := m.Function()
		if name == "greatest" || name == "least" {
			name = "math." + name
		}
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Operators returns the operators as written in rules.
func Operators() []string {
	names := map[string]bool{}
	for name := range documentEnv.Functions() {
		if sign, ok := operators.FindReverse(name); ok && sign != "" {
			names[sign] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// form formats a signature of a function.
func form(name string, o *decls.OverloadDecl) string {
	var args []string
	for _, t := range o.ArgTypes() {
		args = append(args, typeName(t))
	}
	receiver := ""
	if o.IsMemberFunction() {
		receiver, args = args[0]+".", args[1:]
	}
	return receiver + name + "(" + strings.Join(args, ", ") + ") -> " + typeName(o.ResultType())
}

// typeName returns CEL's name of a type, without wrappers.
func typeName(t *types.Type) string {
	switch t.Kind() {
	case types.TimestampKind:
		return "timestamp"
	case types.DurationKind:
		return "duration"
	}
	return strings.NewReplacer("google.protobuf.Timestamp", "timestamp", "google.protobuf.Duration", "duration").Replace(t.String())
}

// Example is an expression for a field of an event that many documents need. The docs list the examples, and a test runs them.
type Example struct {
	// Field of the event: time, amount, or an identity.
	Field string
	// Sent is a document; Expression reads it.
	Sent, Expression string
	// Result is what is stored: times in UTC, identities in their normal form.
	Result string
}

// Examples returns the examples, by field.
func Examples() []Example {
	return []Example{
		{"time", `{"at": "2026-03-28T12:52:00+01:00"}`, `body.at`, "2026-03-28T11:52:00Z"},
		{"time", `{"at": 1774698720}`, `body.at`, "2026-03-28T11:52:00Z"},
		{"time", `{"ms": 1774698720250}`, `timestamp(body.ms / 1000)`, "2026-03-28T11:52:00Z"},
		{"time", `{"at": "2026-03-28 12:52"}`, `localTime(body.at, "Europe/Berlin")`, "2026-03-28T11:52:00Z"},
		{"time", `{"at": "28.03.2026 12:52"}`, `localTime(body.at, "02.01.2006 15:04", "Europe/Berlin")`, "2026-03-28T11:52:00Z"},
		{"time", `{"at": "3/28/2026 1:05 PM"}`, `localTime(body.at, "1/2/2006 3:04 PM", "America/New_York")`, "2026-03-28T17:05:00Z"},
		{"time", `{"day": "20260328", "clock": "1252"}`, `localTime(body.day + body.clock, "200601021504", "UTC")`, "2026-03-28T12:52:00Z"},
		{"amount", `{"total": "129.90"}`, `body.total`, "129.90"},
		{"amount", `{"cents": 12990}`, `minorUnits(body.cents, "EUR")`, "129.90"},
		{"amount", `{"price": 4.95, "quantity": 3}`, `body.price * body.quantity`, "14.85"},
		{"amount", `{"total": "1.234,50"}`, `body.total.replace(".", "").replace(",", ".")`, "1234.50"},
		{"amount", `{"total": "€ 12.30"}`, `body.total.replace("€", "").trim()`, "12.30"},
		{"amount", `{"items": [{"total": 2.5}, {"total": 4}]}`, `sum(body.items.map(i, i.total))`, "6.50"},
		{"phone", `{"phone": "+49 (151) 23 45 67 8"}`, `body.phone`, "+491512345678"},
		{"phone", `{"phone": "0151 2345678"}`, `body.phone.startsWith("0") ? "+49" + body.phone.substring(1) : body.phone`, "+491512345678"},
		{"phone", `{"phone": "0049 151 2345678"}`, `body.phone.replace("00", "+", 1)`, "+491512345678"},
		{"email", `{"mail": " Jane@Example.com "}`, `body.mail`, "jane@example.com"},
		{"email", `{"from": "Jane Doe <Jane@Example.com>"}`, `body.from.split("<")[1].replace(">", "")`, "jane@example.com"},
		{"email", `{"href": "mailto:jane@example.com"}`, `body.href.replace("mailto:", "")`, "jane@example.com"},
		{"email", `{"contacts": [{"type": "fax", "value": "1"}, {"type": "mail", "value": "jane@example.com"}]}`,
			`body.contacts.filter(c, c.type == "mail")[?0].?value`, "jane@example.com"},
	}
}
