// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/preset"
)

// presetsPage returns the page of the catalogue of presets.
func presetsPage() string {
	var b strings.Builder
	b.WriteString("# Presets\n\n" + notice)
	b.WriteString("[`spec.preset`](../kinds/touchpointsource.md#presets) of a TouchpointSource names a system whose requests or\n" +
		"[exported files](../transports/files.md) are known. `kubectl journey presets NAME -o yaml` prints the recipe and the rules of\n" +
		"one. Requests and records that no rule names are dropped and counted, so that a sender does not repeat them.\n\n")
	b.WriteString("The facts of a `documented` preset are published by the vendor or known from open-source code that works with it. None was tested\n" +
		"with a live account. For an `experimental` one, the page says what is not sure; check it before you rely on it.\n\n")
	b.WriteString("| preset | system | channel | transports | authenticated by | confidence |\n|---|---|---|---|---|---|\n")
	for _, p := range preset.All() {
		fmt.Fprintf(&b, "| [`%s`](#%s) | %s | `%s` | `%s` | %s | %s |\n", p.Name, p.Name, p.Title, p.Channel, strings.Join(p.Transports(), "`, `"),
			p.Authentication(), p.Confidence)
	}
	for _, p := range preset.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s: %s\n", p.Name, p.Title, strings.TrimSpace(p.Setup))
		if p.Unsure != "" && p.Webhook != nil {
			fmt.Fprintf(&b, "\nExperimental: %s\n", strings.TrimSpace(p.Unsure))
		}
		if p.Webhook != nil && p.Webhook.Answer != nil && p.Webhook.Answer.RefusedStatus != nil {
			fmt.Fprintf(&b, "\nA refused document of an authenticated request gets %d, so that the webhook stays on.\n", *p.Webhook.Answer.RefusedStatus)
		}
		presetRules(&b, p.Table())
		if f := p.Files; f != nil {
			fmt.Fprintf(&b, "\nFiles: %s\n", strings.TrimSpace(f.Setup))
			if f.Unsure != "" {
				fmt.Fprintf(&b, "\nExperimental: %s\n", strings.TrimSpace(f.Unsure))
			}
			presetRules(&b, f.Table())
		}
	}
	return b.String()
}

// presetRules writes the table of rules.
func presetRules(b *strings.Builder, rows []preset.Row) {
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n| received | event | identities |\n|---|---|---|\n")
	for _, row := range rows {
		ids := ""
		if len(row.Identities) > 0 {
			ids = "`" + strings.Join(row.Identities, "`, `") + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", row.Received, row.Event, ids)
	}
}
