// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Printer writes objects, and for a machine what became of the rows, in one form.
type Printer func(w io.Writer, objects []Object, in *Filled) error

// NewPrinter gives the printer of a form: table, json or yaml.
func NewPrinter(form string) (Printer, error) {
	switch form {
	case "table":
		return func(w io.Writer, objects []Object, _ *Filled) error { return printTables(w, objects) }, nil
	case "json":
		return func(w io.Writer, objects []Object, in *Filled) error { return printJSON(w, objects, in, nil) }, nil
	case "yaml":
		return func(w io.Writer, objects []Object, in *Filled) error {
			return printJSON(w, objects, in, yaml.JSONToYAML)
		}, nil
	}
	return nil, fmt.Errorf("there is no output %q: it is table, json or yaml", form)
}

// printJSON writes a list, as kubectl does.
func printJSON(w io.Writer, objects []Object, in *Filled, convert func([]byte) ([]byte, error)) error {
	list := struct {
		APIVersion string   `json:"apiVersion"`
		Kind       string   `json:"kind"`
		Items      []Object `json:"items"`
		// Input tells what became of the rows; kubectl passes over it.
		Input *Filled `json:"input,omitempty"`
	}{"v1", "List", objects, in}
	b, err := json.MarshalIndent(list, "", "  ")
	if err == nil && convert != nil {
		b, err = convert(b)
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", strings.TrimRight(string(b), "\n"))
	}
	return err
}

func printTables(w io.Writer, objects []Object) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for i := range objects {
		line(t, "%s/%s", objects[i].Kind, objects[i].Metadata.Name)
		switch s := objects[i].Status.(type) {
		case *v1alpha1.JourneyMapStatus:
			printMap(t, s)
			printState(t, s.Trace.Analysis)
		case *v1alpha1.MetricReportStatus:
			printReport(t, s)
			printState(t, s.Trace.Analysis)
		}
		line(t, "")
	}
	return t.Flush()
}

// line writes one line; what goes wrong shows when the writer is flushed.
func line(w io.Writer, format string, values ...any) { _, _ = fmt.Fprintf(w, format+"\n", values...) }

// printState says what the numbers were computed from.
func printState(w io.Writer, r *v1alpha1.AnalysisRecord) {
	if r == nil || r.AsOf == nil {
		return
	}
	line(w, "")
	line(w, "as of %s, commit %d, identity version %d", r.AsOf.UTC().Format(time.RFC3339), r.Seq, r.IdentityVersion)
	if r.DuplicatesDropped > 0 {
		line(w, "duplicates left out: %d in all that was read, whatever their time: the same events again by their ids", r.DuplicatesDropped)
	}
}

func printMap(w io.Writer, s *v1alpha1.JourneyMapStatus) {
	if m := s.Summary; m != nil {
		printHeadline(w, m, s.Provisional)
		printTime(w, m.Period, m.Outside, m.Note)
	}
	line(w, "")
	line(w, "STAGE\tREACH\tENTERED\tCONVERTED\tDROPPED\tDROP-OFF\tMEDIAN TO NEXT")
	for _, st := range s.Stages {
		line(w, "%s\t%d\t%d\t%d\t%d\t%s\t%s", st.Name, st.Reach, st.Entered, st.Converted, st.Dropped, orDash(string(st.DropOff)), orDash(st.MedianTimeToNext))
	}
}

// printHeadline tells of the mature attempts, and of those under way.
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
		line(w, "%d more entered whose window has not ended: %d under way, %d converted already", p.Entered, p.InProgress, p.Converted)
	}
}

// printTime says which time the numbers speak of, who is left out because of it, and why there are none.
func printTime(w io.Writer, p *v1alpha1.ResultPeriod, o *v1alpha1.OutsideResult, note string) {
	if p != nil && p.From.Equal(p.To) {
		line(w, "entries from %s on, none of them mature as of %s", clock(p.From), clock(p.AsOf))
	} else if p != nil {
		line(w, "entries from %s to %s are mature as of %s", clock(p.From), clock(p.To), clock(p.AsOf))
	}
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

// clock writes a time; a dash where there is none.
func clock(t *metav1.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func printReport(w io.Writer, s *v1alpha1.MetricReportStatus) {
	if m := s.Summary; m != nil {
		line(w, "%s with mature attempts, %d under way", value.Counted(m.Customers, "customer"), m.UnderWay)
		printTime(w, m.Period, m.Outside, m.Note)
		if m.Period != nil {
			line(w, "what is counted by events alone, such as orders: from %s to %s", clock(m.Period.EventsFrom), clock(m.Period.EventsTo))
		}
	}
	if len(s.KPIs) > 0 {
		line(w, "")
		line(w, "KPI\tVALUE\tUNIT\tSAMPLES\tPREVIOUS\tCHANGE\tTARGET\tMET")
	}
	for _, k := range s.KPIs {
		met := "-"
		if k.Met != nil {
			met = strconv.FormatBool(*k.Met)
		}
		line(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s", k.Name, orDash(string(k.Value)), k.Unit, k.Samples,
			orDash(string(k.Previous)), orDash(string(k.Change)), orDash(k.Target), met)
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
	line(w, "%s (%s)", strings.Join(append([]string{"by " + string(b.By)}, b.Keys...), " "), value.Counted(b.Distinct, "value"))
	line(w, "VALUE\tCUSTOMERS\tCONVERTED\tCONVERSION\tPREVIOUS")
	for _, g := range b.Groups {
		name := strings.Join(g.Values, ", ")
		if g.Other {
			name = "(the rest)"
		}
		line(w, "%s\t%d\t%d\t%s\t%s", orDash(name), g.Customers, g.Converted, orDash(string(g.Conversion)), orDash(string(g.PreviousConversion)))
	}
}

func printTable(w io.Writer, t *v1alpha1.TableResult) {
	line(w, "")
	names := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		names = append(names, strings.ToUpper(c.Name))
	}
	line(w, "%s (samples %d, left out %d)", t.Name, t.Samples, t.LeftOut)
	if t.Note != "" {
		line(w, "  %s", t.Note)
	}
	line(w, "%s", strings.Join(names, "\t"))
	for _, r := range t.Rows {
		cells := make([]string, 0, len(r.Values))
		for _, v := range r.Values {
			cells = append(cells, orDash(v))
		}
		mark := ""
		if r.Provisional {
			mark = "\tprovisional"
		}
		line(w, "%s%s", strings.Join(cells, "\t"), mark)
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
