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
