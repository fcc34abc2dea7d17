// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preset

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Authentication says in a few words how a sender is authenticated; empty if the preset knows no requests.
func (p *Preset) Authentication() string {
	switch w := p.Webhook; {
	case w == nil:
		return ""
	case w.HMAC != nil && w.HMAC.FormField != "":
		return "a signature in the field " + w.HMAC.FormField
	case w.HMAC != nil:
		return "a signature in " + w.HMAC.Header
	case w.Token != nil && w.Token.Parameter != "":
		return "a token in the URL, ?" + w.Token.Parameter + "="
	case w.Token != nil && w.Token.Field != "":
		return "a token in the field " + string(w.Token.Field)
	case w.Token != nil && w.Token.Header != "":
		return "a token in " + w.Token.Header
	case w.Token != nil:
		return "a token in the path"
	}
	return "a bearer token"
}

// Row says what becomes of a request or a record.
type Row struct {
	// Received are the topics of the vendor, or the name of the rule.
	Received string
	// Event is the name of the event, "dropped", or "as sent" if the vendor names it.
	Event string
	// Identities are the types of identities.
	Identities []string
}

// quoted finds the texts in an expression for a name that are names of events.
var quoted = regexp.MustCompile(`"([A-Z][A-Za-z -]+)"`)

// Table returns the rules for requests, for readers.
func (p *Preset) Table() []Row { return table(p.Rules) }

// Table returns the rules for records, for readers.
func (f *Files) Table() []Row { return append(table(f.Before), table(f.Rules)...) }

func table(rules []Rule) []Row {
	rows := make([]Row, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		row := Row{Received: r.Name, Event: "dropped"}
		if topics := strings.Join(r.Topics, ", "); row.Received == "" {
			row.Received = topics
		} else if topics != "" {
			row.Received += " (" + topics + ")"
		}
		if e := r.Event; e != nil {
			row.Event, row.Identities = names(e.Name), slices.Sorted(maps.Keys(e.Identities))
		}
		rows = append(rows, row)
	}
	return rows
}

func names(x v1alpha1.CELExpression) string {
	var out []string
	for _, m := range quoted.FindAllStringSubmatch(string(x), -1) {
		out = append(out, m[1])
	}
	if len(out) == 0 {
		return "as sent"
	}
	return strings.Join(out, " or ")
}
