// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package maptest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// maxBody is how much of an answer a text shows.
const maxBody = 2000

// Print writes results as a text.
func Print(w io.Writer, results []Result) error {
	var b strings.Builder
	for i := range results {
		if i > 0 {
			b.WriteString("\n")
		}
		results[i].print(&b, i+1, len(results))
	}
	// No control character of a document reaches the terminal.
	_, err := io.WriteString(w, strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return '\ufffd'
		}
		return r
	}, b.String()))
	return err
}

func (r *Result) print(b *strings.Builder, number, of int) {
	fmt.Fprintf(b, "Request %d of %d: %s %s, received at %s (%s)\n", number, of, r.Request.Method, r.Request.URL,
		r.Request.ReceivedAt.Format(time.RFC3339Nano), r.Request.ReceivedAtFrom)
	if r.Request.Assumed {
		b.WriteString("  note: the file has only the document, so method, path and headers are assumed\n")
	}
	b.WriteString("Authentication: " + r.Authentication.text() + "\n")
	if r.Answer.Status > 0 {
		fmt.Fprintf(b, "Answer: %d %s\n", r.Answer.Status, http.StatusText(r.Answer.Status))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Answer.Headers)) {
		fmt.Fprintf(b, "  %s: %s\n", name, r.Answer.Headers[name])
	}
	if body := strings.TrimSpace(r.Answer.Body); body != "" {
		fmt.Fprintf(b, "  %s\n", shortened(body))
	}
	if r.Refused != nil {
		b.WriteString("Refused as a whole: " + r.Refused.text() + "\n")
	}
	if r.Authentication.Status == Invalid && len(r.Documents) > 0 {
		b.WriteString("Nothing of it is stored. With a valid key or signature, it would become:\n")
	}
	for i := range r.Documents {
		r.Documents[i].print(b)
	}
	if r.Refused == nil && len(r.Documents) == 0 {
		b.WriteString("No event: the request has no document.\n")
	}
}

func (a *Authentication) text() string {
	switch a.Status {
	case NotChecked:
		return "not checked, because there is no --secret-file"
	case NotNeeded:
		return "not needed: anybody can send to this source, or the source fetches its documents"
	case Invalid:
		text := "invalid: " + a.Message
		if a.Reason == "stale-timestamp" {
			text += ". A recording is always old: set --received-at to the time at which it was sent"
		}
		return text
	}
	return a.Status
}

func (d *Document) print(b *strings.Builder) {
	by := "by the built-in mapping"
	if d.Rule != "" {
		by = "by " + d.Rule
	}
	fmt.Fprintf(b, "Document %d", d.Index)
	switch {
	case d.Dropped != "":
		fmt.Fprintf(b, ": dropped, %s\n", dropped(d))
	case len(d.Events) == 0 && d.Rule == "":
		b.WriteString(":\n")
	default:
		fmt.Fprintf(b, ", %s:\n", by)
	}
	for i := range d.Events {
		d.Events[i].print(b)
	}
	for i := range d.Refused {
		b.WriteString("  refused: " + d.Refused[i].text() + "\n")
	}
	for _, i := range d.Ignored {
		fmt.Fprintf(b, "  ignored: the identity %s with the value %q: %s\n", i.Type, i.Value, i.Why)
	}
}

func dropped(d *Document) string {
	switch d.Dropped {
	case "rule":
		return "by " + d.Rule
	case "consent":
		return "because the customer did not allow it for analytics"
	case "technical":
		return "because it is technical: it says nothing about a customer"
	}
	return "because forEach of " + d.Rule + " returned no element"
}

func (f *Refusal) text() string {
	text := f.Reason + ": "
	if f.Field != "" {
		text += f.Field + ": "
	}
	text += f.Message
	if f.HasValue {
		raw, _ := json.Marshal(f.Value) // it was decoded from JSON, or is made for it
		text += " (the value is " + shortened(string(raw)) + ")"
	}
	for _, name := range slices.Sorted(maps.Keys(f.Inputs)) {
		raw, _ := json.Marshal(f.Inputs[name]) // as above
		text += fmt.Sprintf(" (%s is %s)", name, shortened(string(raw)))
	}
	return text
}

var (
	timeText = map[string]string{"event": "of the document", "receipt": "of the receipt", "corrected": "of the document, corrected by the time of sending"}
	idText   = map[string]string{
		"rule": " (of the rule)", "sender": " (of the sender)", "content": " (a hash of the document)", "receipt": " (new with each receipt)",
	}
)

func (e *Event) print(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	line := func(name, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(t, "  %s\t%s\n", name, strings.ReplaceAll(text, "\t", " ")) // to memory
		}
	}
	line("event", e.Name)
	line("time", e.Time.Format(time.RFC3339Nano)+" ("+timeText[e.TimeFrom]+")")
	line("id", e.ID+idText[e.IDFrom])
	line("channel", e.Channel)
	if e.Kind != "track" || e.Initiator != "customer" {
		line("kind", e.Kind+", of the "+e.Initiator)
	}
	for _, i := range e.Identities {
		text := i.Value
		if i.Hashed && !i.isHash() {
			text += " (stored as a hash)"
		}
		line("identity "+i.Type, text)
	}
	line("session", e.SessionID)
	line("order", e.OrderID)
	if e.Currency != "" {
		line("amount", e.Amount+" "+e.Currency)
	}
	if e.Survey != nil {
		line("survey", fmt.Sprintf("%s %s of %s", e.Survey.Kind, e.Survey.Score, e.Survey.Scale))
	}
	for _, f := range []struct {
		name string
		raw  json.RawMessage
	}{{"products", e.Items}, {"properties", e.Properties}, {"traits", e.Traits}, {"groups", e.Groups}} {
		line(f.name, shortened(string(f.raw)))
	}
	line("flags", strings.Join(e.Flags, ", "))
	_ = t.Flush() // to memory
}

func shortened(text string) string {
	if runes := []rune(text); len(runes) > maxBody {
		return string(runes[:maxBody]) + "…"
	}
	return text
}
