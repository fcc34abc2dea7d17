// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package output

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func printTables(w io.Writer, objects []Object) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for i := range objects {
		line(t, "%s/%s", objects[i].Kind, objects[i].Metadata.Name)
		switch s := objects[i].Status.(type) {
		case *v1alpha1.JourneyMapStatus:
			printMap(t, s)
			printState(t, s.Trace.Analysis, s.Truncated)
		case *v1alpha1.MetricReportStatus:
			printReport(t, s)
			printState(t, s.Trace.Analysis, s.Truncated)
		}
		line(t, "")
	}
	return t.Flush()
}

// line prints one line. Errors are reported when the writer is flushed.
func line(w io.Writer, format string, values ...any) { _, _ = fmt.Fprintf(w, format+"\n", values...) }

// printState prints which lists were truncated, what the numbers were computed from, and what was left out.
func printState(w io.Writer, r *v1alpha1.AnalysisRecord, cut []v1alpha1.TruncatedList) {
	if r == nil {
		return
	}
	line(w, "")
	for _, c := range cut {
		line(w, "not all of %s are shown: %d of %d", c.List, c.Shown, c.Total)
	}
	line(w, "commit %d, identity version %d", r.Seq, r.IdentityVersion)
	for _, n := range []struct {
		what  string
		count int64
		why   string
	}{
		{"duplicates left out", r.DuplicatesDropped, "among all events that were read: the same id again"},
		{"events of nobody", r.Unidentified, "which count as events but for no customer"},
		{"events excluded", r.Excluded, "by the store's exclude rules, or as tests and robots"},
		{"events ahead", r.Future, "later than the time of analysis"},
		{"events without a unit", r.WithoutUnit, "which have no value of countBy"},
	} {
		if n.count > 0 {
			line(w, "%s: %d, %s", n.what, n.count, n.why)
		}
	}
}

func printMap(w io.Writer, s *v1alpha1.JourneyMapStatus) {
	if m := s.Summary; m != nil {
		line(w, "%s", messages.Period(m.Period))
		printHeadline(w, m, s.Provisional)
		printOutside(w, m.Outside, m.Note)
	}
	line(w, "")
	line(w, "STAGE\tREACH\tENTERED\tCONVERTED\tDROPPED\tDROP-OFF\tMEDIAN TO NEXT")
	for _, st := range s.Stages {
		line(w, "%s\t%d\t%d\t%d\t%d\t%s\t%s", st.Name, st.Reach, st.Entered, st.Converted, st.Dropped,
			orDash(messages.Value(string(st.DropOff), metric.UnitRatio)), orDash(st.MedianTimeToNext))
	}
}

// printHeadline prints the mature attempts, and those in progress.
func printHeadline(w io.Writer, m *v1alpha1.JourneySummary, p *v1alpha1.ProvisionalResult) {
	conversion := ""
	if m.Display != nil {
		conversion = m.Display.Conversion
	}
	switch {
	case m.Customers > 0:
		line(w, "%s, %s converted", value.Counted(m.Customers, "customer"), conversion)
	case conversion != "":
		line(w, "no mature customers; of those whose window has not ended, %s converted", conversion)
	default:
		line(w, "no customers")
	}
	if p != nil && p.Entered > 0 {
		line(w, "%d more entered whose window has not ended: %d in progress, %d already converted", p.Entered, p.InProgress, p.Converted)
	}
}

// printOutside prints who is left out because of the time of the numbers, and why there are none.
func printOutside(w io.Writer, o *v1alpha1.OutsideResult, note string) {
	if o != nil && (o.Before == nil || *o.Before > 0 || o.After > 0) {
		before := "an unknown number"
		if o.Before != nil {
			before = strconv.FormatInt(*o.Before, 10)
		}
		line(w, "entered at another time and in no number: %s before, %d after", before, o.After)
	}
	if note != "" {
		line(w, "%s", note)
	}
}

func printReport(w io.Writer, s *v1alpha1.MetricReportStatus) {
	if m := s.Summary; m != nil {
		line(w, "%s", messages.Period(m.Period))
		if before := messages.Previous(m.Previous); before != "" {
			line(w, "%s", before)
		}
		line(w, "%s with mature attempts, %d in progress", value.Counted(m.Customers, "customer"), m.InProgress)
		printOutside(w, m.Outside, m.Note)
	}
	if len(s.KPIs) > 0 {
		line(w, "")
		line(w, "KPI\tVALUE\tSAMPLES\tPREVIOUS\tCHANGE\tTARGET\tMET\tBASIS")
	}
	for _, k := range s.KPIs {
		met := "-"
		if k.Met != nil {
			met = strconv.FormatBool(*k.Met)
		}
		line(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s", k.Name, orDash(k.Display), k.Samples, orDash(messages.Value(string(k.Previous), k.Unit)),
			orDash(messages.Change(string(k.Change), k.Unit)), orDash(k.Target), met, otherBasis(k.Basis, s.Summary))
	}
	for _, k := range s.KPIs {
		if k.Note != "" {
			line(w, "  %s: %s", k.Name, k.Note)
		}
	}
	for _, t := range s.Tables {
		printTable(w, &t)
	}
	for i := range s.Breakdowns {
		printBreakdown(w, &s.Breakdowns[i])
	}
}

func printBreakdown(w io.Writer, b *v1alpha1.BreakdownResult) {
	line(w, "")
	line(w, "%s (%s): %s", strings.Join(append([]string{"by " + string(b.By)}, b.Keys...), " "), value.Counted(b.Distinct, "value"), b.Basis)
	line(w, "VALUE\tCUSTOMERS\tCONVERTED\tCONVERSION\tPREVIOUS")
	for _, g := range b.Groups {
		name := strings.Join(g.Values, ", ")
		if g.Other {
			name = "(the rest)"
		}
		line(w, "%s\t%d\t%d\t%s\t%s", orDash(name), g.Customers, g.Converted,
			orDash(number.Percent(g.Converted, g.Customers)), orDash(messages.Value(string(g.PreviousConversion), metric.UnitRatio)))
	}
}

func printTable(w io.Writer, t *v1alpha1.TableResult) {
	line(w, "")
	names := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		names = append(names, strings.ToUpper(c.Name))
	}
	line(w, "%s (samples %d, left out %d): %s", t.Name, t.Samples, t.LeftOut, t.Basis)
	if t.Note != "" {
		line(w, "  %s", t.Note)
	}
	line(w, "%s", strings.Join(names, "\t"))
	for _, r := range t.Rows {
		cells := make([]string, 0, len(r.Values))
		for i, v := range r.Values {
			cells = append(cells, orDash(shown(v, t.Columns[i].Unit)))
		}
		mark := ""
		if r.Provisional {
			mark = "\tprovisional"
		}
		line(w, "%s%s", strings.Join(cells, "\t"), mark)
	}
}

// shown formats a cell for people: shares as percentages, durations in words.
func shown(cell, unit string) string {
	if unit == metric.UnitRatio || unit == metric.UnitSeconds {
		return messages.Value(cell, unit)
	}
	return cell
}

// otherBasis returns what a KPI is computed from. It omits the time if it is that of the report, which is printed above.
func otherBasis(basis string, m *v1alpha1.ReportSummary) string {
	if m == nil || m.Period == nil {
		return orDash(basis)
	}
	what, _, _ := strings.Cut(basis, " ")
	switch p := m.Period; basis {
	case messages.Basis(what, p.From.Time, p.To.Time), messages.Basis(what, p.EventsFrom.Time, p.EventsTo.Time):
		return what
	}
	return orDash(basis)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
