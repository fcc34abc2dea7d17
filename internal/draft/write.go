// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/draft/recognise"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Write writes the manifests. Equal files give equal manifests.
func (d *Draft) Write(out io.Writer) error {
	w := &writer{}
	w.comment(0, "A first draft by kubectl journey init, of %s.", d.bases())
	w.comment(0, "%s, from %s to %s.", d.total(), stamp(d.counts.first), stamp(d.counts.last))
	for _, k := range d.Filled.Refusals {
		w.comment(0, "Check: %s refused: %s", rowsAre(k.Count), strings.Trim(k.Reason+" "+k.Field, " "))
	}
	if d.Filled.Duplicates > 0 {
		w.comment(0, "Check: %s %s the id of an earlier one, and %s once. Does the id of the rule identify an event?",
			value.Counted(d.Filled.Duplicates, "event"), value.Agreed(d.Filled.Duplicates, "has", "have"), value.Agreed(d.Filled.Duplicates, "counts", "count"))
	}
	w.comment(0, "Look at each line with \"Check\". Then look at the numbers:")
	w.line(0, "#   kubectl journey preview -f %s.yaml%s", d.o.Name, shown(d.flags()))
	for i, s := range d.sources {
		// A document of comments alone would be an object without a kind to some tools.
		w.line(0, "%s", map[bool]string{true: "#", false: "---"}[i == 0])
		d.sourceTo(w, s)
	}
	if len(d.stages) > 1 {
		d.journey(w)
		d.report(w)
	} else {
		w.comment(0, "Check: %s.", ErrNoMap)
		d.events(w)
	}
	_, err := io.WriteString(out, w.String())
	return err
}

// total says how many rows became events of how many customers.
func (d *Draft) total() string {
	return fmt.Sprintf("%s, %s of %s", value.Counted(d.Filled.Rows, "row"), value.Counted(d.counts.events, "event"), value.Counted(d.counts.customers, "customer"))
}

func rowsAre(n int64) string { return value.Counted(n, "row") + " " + value.Agreed(n, "is", "are") }

// bases lists the names of the files.
func (d *Draft) bases() string {
	var list []string
	for _, s := range d.sources {
		list = append(list, s.base())
	}
	return strings.Join(list, ", ")
}

// flags returns the flags of a preview of the files.
func (d *Draft) flags() string {
	var b strings.Builder
	for _, s := range d.sources {
		for i := range s.files {
			b.WriteString(" --events ")
			if len(d.sources) > 1 {
				b.WriteString(s.name + "=")
			}
			_, path := s.files[i].Split()
			b.WriteString(filepath.Base(path))
			if e := s.files[i].Text(d.o.Text).Encoding; e != "" {
				b.WriteString(",encoding=" + e)
			}
		}
	}
	return b.String()
}

func stamp(us int64) string {
	return time.UnixMicro(us).UTC().Truncate(time.Second).Format(time.RFC3339)
}

// kind begins an object.
func (w *writer) kind(kind, name string) {
	w.line(0, "apiVersion: journeyman.dev/v1alpha1")
	w.line(0, "kind: %s", kind)
	w.line(0, "metadata:")
	w.line(2, "name: %s", name)
	w.line(0, "spec:")
}

// sourceTo writes the manifest of a source.
func (d *Draft) sourceTo(w *writer, s *source) {
	what := value.Counted(s.profile.Rows, "document")
	if s.profile.Table() {
		what = fmt.Sprintf("a table with %s and %s", value.Counted(len(s.profile.Columns), "column"), value.Counted(s.profile.Rows, "row"))
	}
	w.comment(0, "The source of %s: %s.", s.base(), what)
	for _, n := range s.notes {
		w.comment(0, "%s.", strings.ToUpper(n[:1])+n[1:])
	}
	if s.rule != nil {
		for _, c := range s.rule.Checks {
			w.comment(0, "Check: %s", c)
		}
	}
	w.kind("TouchpointSource", s.name)
	w.line(2, "storeRef:")
	w.line(4, "name: %s", d.o.Store)
	w.comment(2, "Check: where did these events happen?")
	w.line(2, "channel: %s", d.o.Channel)
	s.transportTo(w, s.files[0].Text(d.o.Text).Encoding)
	if s.rule == nil {
		return
	}
	if s.rule.Nobody {
		w.comment(2, "Many rows may have no identity. They count where events are counted, and for no customer. Without this line, they are refused.")
		w.line(2, "unidentified: Keep")
	}
	w.line(2, "mapping:")
	if s.rule.Further != "" {
		w.comment(2, "Further items of the order above them are no events.")
		w.line(2, "- when: %s", quoted(s.rule.Further))
		w.line(4, "drop: {}")
	}
	w.line(2, "- event:")
	s.fields(w)
}

// transportTo writes the transport.
func (s *source) transportTo(w *writer, encoding string) {
	if s.protocol != "" {
		w.comment(2, "The documents are messages of this protocol, which need no mapping. The Secret has its key.")
		w.line(2, "transport:")
		w.line(4, "%s:", s.protocol)
		w.line(6, "secretRef:")
		w.line(8, "name: %s", s.name)
		return
	}
	_, path := s.files[0].Split()
	w.comment(2, "Files are imported: kubectl journey import %s --source %s. Check: will a system send such events? A webhook takes them as JSON, by the same "+
		"mapping.", filepath.Base(path), s.name)
	w.line(2, "transport:")
	if encoding == "" {
		w.line(4, "files: {}")
		return
	}
	w.line(4, "files:")
	w.line(6, "encoding: %s", quoted(encoding))
}

// ruleWriter writes the fields of a rule.
type ruleWriter struct {
	w    *writer
	rows int64
}

// field writes a field with what was seen of its column.
func (r *ruleWriter) field(indent int, f *recognise.Field) {
	if f.Expression == "" {
		return
	}
	if f.Column == nil {
		r.w.comment(indent, "%s", f.Note)
	} else {
		r.w.comment(indent, "%s: %s%s", f.Column.Name(), f.Note, r.empty(f.Column.Filled))
	}
	name := f.Name
	if name == "event" {
		name = "name"
	}
	r.w.line(indent, "%s: %s", quoted(name), quoted(f.Expression))
}

// empty says in how many rows a column is empty.
func (r *ruleWriter) empty(filled int64) string {
	if filled == r.rows {
		return ""
	}
	return fmt.Sprintf(", empty in %s of the rows", percent(r.rows-filled, r.rows))
}

// percent returns a share that is never shown as none or all if it is not.
func percent(n, of int64) string {
	p := float64(n) * 100 / float64(of)
	switch {
	case n > 0 && p < 1:
		return "less than 1 %"
	case n < of && p > 99:
		return "more than 99 %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// fields writes the fields of the rule.
func (s *source) fields(w *writer) {
	r := ruleWriter{w, s.profile.Rows}
	for _, f := range []*recognise.Field{&s.rule.Event, &s.rule.Initiator, &s.rule.Time, &s.rule.ID} {
		r.field(6, f)
	}
	if s.rule.ID.Expression == "" {
		w.comment(6, "No column identifies a row, so equal rows of different files are one event.")
	}
	w.line(6, "identities:")
	for i := range s.rule.Identities {
		r.field(8, &s.rule.Identities[i])
	}
	for _, f := range []*recognise.Field{&s.rule.Session, &s.rule.Order, &s.rule.Amount, &s.rule.Currency} {
		r.field(6, f)
	}
	if len(s.rule.Properties) > 0 {
		w.line(6, "properties:")
		for i := range s.rule.Properties {
			r.field(8, &s.rule.Properties[i])
		}
	}
	for i, l := range s.rule.LeftOut {
		if i == 0 {
			w.comment(6, "Left out:")
		}
		w.comment(6, "- %s: %s", l.Column.Name(), l.Why)
	}
}
