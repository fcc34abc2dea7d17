// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/simulator/truth"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

const defaultLookback = 30 * 24 * time.Hour

// Map compares the status of the sample map.
func (t *Table) Map(m *v1alpha1.JourneyMap, worlds ...*world.World) error {
	t.object = "JourneyMap/" + m.Name
	if err := known(&m.Spec); err != nil {
		return fmt.Errorf("%s: %w", t.object, err)
	}
	if m.Status.Trace.Analysis == nil || m.Status.Summary.AsOf() == nil {
		return fmt.Errorf("%s: there are no results yet", t.object)
	}
	q, err := questionOf(&m.Spec, m.Spec.Analysis, m.Status.Trace.Analysis, m.Status.Summary.AsOf())
	if err != nil {
		return fmt.Errorf("%s: %w", t.object, err)
	}
	want := truth.Compute(q, worlds...)
	medians := sync.OnceValue(func() [len(world.StageNames)]*truth.Range { return truth.MedianRanges(q, worlds...) })
	t.summary(m.Status.Summary, want)
	for i, s := range want.Stages {
		if i >= len(m.Status.Stages) || string(m.Status.Stages[i].Name) != s.Name {
			t.add(s.Name, "missing", "a stage", false, "")
			continue
		}
		t.stage(&m.Status.Stages[i], s, want.Unsure)
		t.median(s.Name+" median time to next", medianOf(&m.Status.Trace, s.Name), s.MedianTimeToNext, func() *truth.Range { return medians()[i] })
	}
	t.personas(m.Status.Personas, want)
	t.provisional(m.Status.Provisional, want)
	t.coverage(m.Status.Coverage, want)
	return nil
}

// known refuses maps that the simulator does not support.
func known(spec *v1alpha1.JourneyMapSpec) error {
	var names []string
	for _, s := range spec.Stages {
		names = append(names, string(s.Name))
	}
	p := spec.Progression
	switch {
	case !slices.Equal(names, world.StageNames[:]):
		return fmt.Errorf("the simulator knows the stages %v, not %v", world.StageNames, names)
	case p.Order != v1alpha1.Ordered || p.Entry == v1alpha1.FirstEntry || p.Ties == v1alpha1.ExactTies || p.Conversions == v1alpha1.ConversionsInRange:
		return errors.New("the simulator knows the truth for the order Ordered with the defaults of the other policies")
	}
	return nil
}

// questionOf reads the time of analysis from a status, and the lengths from the specs.
func questionOf(m *v1alpha1.JourneyMapSpec, analysis *v1alpha1.Analysis, record *v1alpha1.AnalysisRecord, asOf *metav1.Time) (truth.Question, error) {
	q := truth.Question{AsOf: asOf.Time, Lookback: defaultLookback}
	if analysis != nil {
		if analysis.Range != nil {
			return q, errors.New("the simulator knows lookbacks, not ranges")
		}
		q.Lookback = analysis.Lookback.Or(defaultLookback)
	}
	q.Window = m.Progression.Window.Or(0)
	if record.StartTime != nil {
		// Events received in the same second can be included or not. All events sent before it are.
		q.Known = record.StartTime.Time
	}
	for _, s := range m.Sources {
		q.Sources = append(q.Sources, string(s.Name))
	}
	return q, nil
}

func (t *Table) summary(got *v1alpha1.JourneySummary, want *truth.Report) {
	if got == nil {
		t.add("summary", "missing", "a summary", false, "")
		return
	}
	first, last := want.Stages[0], want.Stages[len(want.Stages)-1]
	t.count("customers", got.Customers, first.Entered, want.Unsure)
	t.decimal("conversion", string(got.Conversion), fraction(last.Entered, first.Entered), want.Unsure, first.Entered)
	worst := -1
	for i, s := range want.Stages[:len(want.Stages)-1] {
		if s.Entered > 0 && (worst < 0 || s.Dropped*want.Stages[worst].Entered > want.Stages[worst].Dropped*s.Entered) {
			worst = i
		}
	}
	if worst >= 0 {
		w := want.Stages[worst]
		t.add("worst stage", got.WorstStage, w.Name, got.WorstStage == w.Name || want.Unsure > 0, "")
		t.decimal("worst drop-off", string(got.WorstDropOff), fraction(w.Dropped, w.Entered), want.Unsure, w.Entered)
	}
}

func fraction(part, whole int64) *big.Rat {
	if whole == 0 {
		return nil
	}
	return big.NewRat(part, whole)
}

func (t *Table) stage(got *v1alpha1.StageResult, want truth.Stage, unsure int64) {
	name := want.Name + " "
	t.count(name+"entered", got.Entered, want.Entered, unsure)
	t.count(name+"converted", got.Converted, want.Converted, unsure)
	t.count(name+"dropped", got.Dropped, want.Dropped, unsure)
	t.decimal(name+"drop-off", string(got.DropOff), fraction(want.Dropped, want.Entered), unsure, want.Entered)
	t.count(name+"reach", got.Reach, want.Reach, unsure)
	seen := map[string]bool{}
	for _, c := range got.ByChannel {
		seen[c.Channel] = true
		t.count(name+"by "+c.Channel, c.Entered, want.ByChannel[c.Channel].Customers, unsure)
		t.count(name+"by "+c.Channel+" converted", c.Converted, want.ByChannel[c.Channel].Converted, unsure)
	}
	for _, channel := range slices.Sorted(maps.Keys(want.ByChannel)) {
		if !seen[channel] {
			t.count(name+"by "+channel, 0, want.ByChannel[channel].Customers, unsure)
		}
	}
}

// median compares seconds. A difference of one second comes from the sending, where clocks were corrected. For a larger difference, the sending can
// have been slow, and the value has to be in the range that this allows.
func (t *Table) median(what string, got, want *int64, in func() *truth.Range) {
	if got == nil || want == nil {
		t.text(what, seconds(got), seconds(want))
		return
	}
	switch diff := *got - *want; diff {
	case 0:
		t.add(what, seconds(got), seconds(want), true, "")
	case 1, -1:
		t.add(what, seconds(got), seconds(want), true, "a second, from corrected clocks")
	default:
		r := in()
		ok, note := r != nil && *got >= r.From && *got <= r.To, ""
		if ok {
			note = fmt.Sprintf("from %ds to %ds, by how fast events with corrected clocks were sent", r.From, r.To)
		}
		t.add(what, seconds(got), seconds(want), ok, note)
	}
}

func seconds(n *int64) string {
	if n == nil {
		return "none"
	}
	return strconv.FormatInt(*n, 10) + "s"
}

func (t *Table) personas(got []v1alpha1.PersonaResult, want *truth.Report) {
	seen := map[string]bool{}
	for _, p := range got {
		seen[p.Name] = true
		s := want.Personas[p.Name]
		t.count("persona "+p.Name+" customers", p.Customers, s.Customers, want.Unsure)
		t.count("persona "+p.Name+" converted", p.Converted, s.Converted, want.Unsure)
		t.decimal("persona "+p.Name+" conversion", string(p.Conversion), fraction(s.Converted, s.Customers), want.Unsure, s.Customers)
	}
	for _, name := range slices.Sorted(maps.Keys(want.Personas)) {
		if !seen[name] {
			t.count("persona "+name+" customers", 0, want.Personas[name].Customers, want.Unsure)
		}
	}
}

func (t *Table) provisional(got *v1alpha1.ProvisionalResult, want *truth.Report) {
	if got == nil {
		t.add("provisional", "missing", "numbers", false, "")
		return
	}
	t.count("provisional entered", got.Entered, want.Provisional.Entered, want.Unsure)
	t.count("provisional in progress", got.InProgress, want.Provisional.InProgress, want.Unsure)
	t.count("provisional converted", got.Converted, want.Provisional.Converted, want.Unsure)
}

func (t *Table) coverage(got *v1alpha1.CoverageResult, want *truth.Report) {
	if got == nil {
		t.add("coverage", "missing", "numbers", false, "")
		return
	}
	c := want.Coverage
	t.count("coverage matched", got.Matched, c.Matched, c.Unsure)
	t.count("coverage unmatched", got.Unmatched, c.Unmatched, c.Unsure)
	t.decimal("coverage ratio", string(got.Ratio), fraction(c.Matched, c.Matched+c.Unmatched), c.Unsure, c.Matched+c.Unmatched)
	for _, e := range got.TopUnmatched {
		t.count("unmatched "+e.Event, e.Count, c.Names[e.Event], c.Unsure)
	}
}

// medianOf returns the median of a stage in seconds, or nil if nobody continued.
func medianOf(trace *v1alpha1.Trace, stage string) *int64 {
	for i := range trace.SecondsToNext {
		if string(trace.SecondsToNext[i].Stage) == stage {
			return &trace.SecondsToNext[i].Median
		}
	}
	return nil
}
