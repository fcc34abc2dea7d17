// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/importer"
)

// shownRefusals is the number of refused records that a table shows. JSON has more.
const shownRefusals = 20

// show prints the result.
func (o *importOptions) show(w io.Writer, d *imported) error {
	if o.output == "json" {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(d)
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	events := "NEW EVENTS"
	if d.DryRun {
		events = "EVENTS"
	}
	_, _ = fmt.Fprintf(t, "FILE\tRECORDS\t%s\tKNOWN\tDROPPED\tREFUSED\tOLDEST\tNEWEST\n", events)
	known := fmt.Sprint(d.Known)
	if d.DryRun {
		known = "-"
	}
	_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\n", d.File, d.Records, d.Stored, known, d.Dropped, d.Refused, moment(d.Oldest), moment(d.Newest))
	if len(d.Events) > 0 {
		_, _ = fmt.Fprintln(t, "\nEVENT\tNUMBER")
		for _, name := range slices.Sorted(maps.Keys(d.Events)) {
			_, _ = fmt.Fprintf(t, "%s\t%d\n", name, d.Events[name])
		}
	}
	if len(d.Reasons) > 0 {
		_, _ = fmt.Fprintln(t, "\nREFUSED\tRECORDS")
		for _, reason := range slices.Sorted(maps.Keys(d.Reasons)) {
			_, _ = fmt.Fprintf(t, "%s\t%d\n", reason, d.Reasons[reason])
		}
	}
	showExamples(t, d.Examples)
	showRefusals(t, d.Refusals, d.Refused)
	if err := t.Flush(); err != nil {
		return err
	}
	return o.last(w, d)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

// showExamples prints the first events of a dry run.
func showExamples(w io.Writer, list []importer.Example) {
	if len(list) == 0 {
		return
	}
	_, _ = fmt.Fprintln(w, "\nAT\tEVENT\tTIME\tCHANNEL\tAMOUNT\tORDER\tIDENTITIES")
	for _, x := range list {
		amount := strings.TrimSpace(x.Amount + " " + x.Currency)
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", x.Where, x.Event, moment(x.Time), x.Channel, dash(amount), dash(x.OrderID),
			dash(identities(x.Identities)))
	}
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// identities are shown in short: hashes are long.
func identities(list []event.Identity) string {
	const most = 24
	var out []string
	for _, i := range list {
		v := []rune(i.Value)
		if len(v) > most {
			v = append(v[:most], '…')
		}
		out = append(out, i.Type+"="+string(v))
	}
	return strings.Join(out, " ")
}

func showRefusals(w io.Writer, list []importer.Refusal, all int64) {
	if len(list) == 0 {
		return
	}
	_, _ = fmt.Fprintln(w)
	shown := list[:min(len(list), shownRefusals)]
	for _, x := range shown {
		field := ""
		if x.Field != "" {
			field = x.Field + ": "
		}
		_, _ = fmt.Fprintf(w, "%s: refused (%s): %s%s\n", x.Where, x.Reason, field, x.Message)
	}
	if more := all - int64(len(shown)); more > 0 {
		_, _ = fmt.Fprintf(w, "and %d more\n", more)
	}
}

// last says what to do next.
func (o *importOptions) last(w io.Writer, d *imported) error {
	text := ""
	if d.Expired > 0 {
		text += fmt.Sprintf("Not stored: %d events are older than the retention of the store.\n", d.Expired)
	}
	if d.Erased > 0 {
		text += fmt.Sprintf("Not stored: %d events belong to persons who were erased.\n", d.Erased)
	}
	switch {
	case d.DryRun:
		text += "Nothing is stored: this was a dry run.\n"
	case d.Stored > 0:
		text += "To undo this import: " + d.undo() + "\n"
	}
	if text != "" {
		text = "\n" + text
	}
	_, err := io.WriteString(w, text)
	return err
}
