// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/mapping"
)

// functionsPage returns the page of the functions that mapping rules can use.
func functionsPage() string {
	var b strings.Builder
	b.WriteString("# Functions of mapping rules\n\n" + notice)
	b.WriteString("Expressions in the `mapping` of a TouchpointSource are [CEL](https://cel.dev). CEL's language definition describes its\n" +
		"functions; [CEL's extensions](https://pkg.go.dev/github.com/google/cel-go/ext) describe those of strings, encoders and `math`.\n" +
		"Expressions can call nothing else: they have no input, no output, and no clock except `now`.\n\n")
	b.WriteString("`localTime(text, zone)` is a function of Journeyman. It reads a time without a zone, such as `2026-03-28 12:52`, as a time in\n" +
		"a time zone: `localTime(body.date_created, \"Europe/Berlin\")`. If the clock shows a time twice in autumn, the first one is\n" +
		"used. A time that the clock skips in spring is refused. A day without a time starts at its first instant. A text that has a\n" +
		"zone keeps it.\n\n" +
		"`localTime(text, layout, zone)` reads other forms. The layout is the time Mon Jan 2 15:04:05 2006, written in the form of the\n" +
		"text, such as `\"02.01.2006 15:04\"`.\n\n")
	b.WriteString("`minorUnits(amount, currency)` reads an amount in the smallest unit of a currency: `minorUnits(body.amount, body.currency)` of\n" +
		"12990 and `\"eur\"` is `\"129.90\"`, of 500 and `\"jpy\"` it is `\"500\"`. The number of decimals is that of ISO 4217.\n\n")
	b.WriteString("`sum(list)` adds amounts without rounding, up to six decimals: `sum(body.transactions.map(t, t.amount))`. Of an empty list it\n" +
		"is `\"0\"`.\n\n")
	b.WriteString("## Examples\n\nE-mail addresses and phone numbers are brought into their normal form after the rules. A test runs these examples; " +
		"[map-test](../map-test.md)\nruns your own.\n\n| field | sent | expression | stored |\n|---|---|---|---|\n")
	for _, x := range mapping.Examples() {
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | `%s` |\n", x.Field, x.Sent, x.Expression, x.Result)
	}
	b.WriteString("\n## List\n\n")
	fmt.Fprintf(&b, "Operators: `%s`; also `condition ? a : b`, `list[0]`, `map[\"key\"]`, and `body.?field` and `list[?0]` for what may be missing.\n\n",
		strings.Join(mapping.Operators(), "` `"))
	fmt.Fprintf(&b, "Macros: `%s`\n\n", strings.Join(mapping.Macros(), "`, `"))
	b.WriteString("| function | forms |\n|---|---|\n")
	for _, f := range mapping.Functions() {
		forms := make([]string, 0, len(f.Forms))
		for _, form := range f.Forms {
			forms = append(forms, "`"+form+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Name, strings.Join(forms, "<br>"))
	}
	return b.String()
}
