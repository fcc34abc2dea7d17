// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/mapping"
)

// functionsPage lists what expressions of mapping rules may use.
func functionsPage() string {
	var b strings.Builder
	b.WriteString("# Functions of mapping rules\n\n" + notice)
	b.WriteString("Expressions of a TouchpointSource's `mapping` are [CEL](https://cel.dev). " +
		"Its language definition says what its own functions do; those of strings, encoders and\n" +
		"`math` are described with [CEL's extensions](https://pkg.go.dev/github.com/google/cel-go/ext). " +
		"Nothing else can be called: there is no input, no output and no clock but `now`.\n\n")
	b.WriteString("`localTime(text, zone)` is Journeyman's own: it reads a time without a zone, such as `2026-03-28 12:52`, as one of a time zone, as\n" +
		"`localTime(body.date_created, \"Europe/Berlin\")`. A time that the clock shows twice in autumn is the first one, one that it skips in spring is refused,\n" +
		"and a day alone begins with its first instant; a text that has a zone keeps it. `localTime(text, layout, zone)` reads other forms: the layout is the " +
		"time\n" +
		"Mon Jan 2 15:04:05 2006 as the text would have it, such as `\"02.01.2006 15:04\"`.\n\n")
	fmt.Fprintf(&b, "Operators: `%s`; also `condition ? a : b`, `list[0]`, `map[\"key\"]`, and `body.?field`, `list[?0]` for what may be missing\n\n",
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
