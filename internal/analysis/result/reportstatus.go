// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// resultForm is the format of the numbers in the status, as in the CRD. A number that is too large for it is omitted, with a note.
var resultForm = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,6})?$`)

// reportStatus returns the sums of a run as the status of a MetricReport, without the fields of the operator.
func (o *Outcome) reportStatus() *v1alpha1.MetricReportStatus {
	status := &v1alpha1.MetricReportStatus{Trace: o.trace()}
	status.Trace.MapGeneration, status.Trace.MapHash = o.Doc.MapGeneration, o.Doc.MapHash
	evals := o.Engine.Evaluations()
	period, calendar := &o.Plan.Journey.Periods[0], &o.Plan.Journey.Calendar
	var tally tally
	for i := range o.Doc.Report.KPIs {
		spec := &o.Doc.Report.KPIs[i]
		value := evals[0].KPIs[i].Value()
		result := v1alpha1.KPIResult{
			Name: spec.Name, Value: decimal(value.Number, value.Known), Unit: value.Unit,
			Samples: value.Samples, LeftOut: value.LeftOut, Interval: interval(&value), Note: cell(value.Note, maxNote),
			Basis: basis(metric.ExtentOf(o.Plan.Journey.KPIs[i].Metric, period, calendar)),
		}
		result.Display = messages.Value(string(result.Value), result.Unit)
		if len(evals) > 1 {
			previous := evals[1].KPIs[i].Value()
			result.Previous = decimal(previous.Number, previous.Known)
			result.PreviousSamples = previous.Samples
			result.Change = decimal(value.Number.Minus(previous.Number), value.Known && previous.Known)
		}
		if result.Value == "" && result.Note == "" {
			result.Note = noValue(result.Samples)
		}
		tally.add(spec, &result)
		status.KPIs = append(status.KPIs, result)
	}
	for i, t := range o.Doc.Report.Tables {
		grid := evals[0].Tables[i].Grid()
		if table, ok := evals[0].Tables[i].(metric.Comparable); ok && len(evals) > 1 {
			grid = table.GridCompared(evals[1].Tables[i])
		}
		result := tableResult(t.Name, grid, cmp.Or(o.Rows, maxTableRows))
		result.Basis = basis(metric.ExtentOf(o.Plan.Journey.Tables[i].Metric, period, calendar))
		status.Tables = append(status.Tables, result)
	}
	status.Breakdowns = o.breakdownResults()
	status.Summary = tally.summary()
	f := evals[0].Funnel
	status.Summary.Period, status.Summary.Outside, status.Summary.Note = o.Period(0), o.outside(), o.Note()
	status.Summary.Duplicates = o.duplicatesShown()
	if len(evals) > 1 {
		status.Summary.Previous = o.Period(1)
	}
	status.Summary.Customers, status.Summary.InProgress = f.Customers, f.YoungInProgress()
	return status
}

// noValue explains why a KPI has no value.
func noValue(samples int64) string {
	if samples == 0 {
		return "No value: the period has no samples."
	}
	return "No value, or one of more than 18 digits, which cannot be shown: check the events for implausible amounts."
}

// interval returns the interval of a value, or nil.
func interval(v *metric.Value) *v1alpha1.KPIInterval {
	low, high := decimal(v.Interval.Low, v.Known), decimal(v.Interval.High, v.Known)
	if v.Interval.Method == "" || low == "" || high == "" {
		return nil
	}
	return &v1alpha1.KPIInterval{Low: low, High: high, Method: v.Interval.Method}
}

func decimal(d number.Decimal, known bool) v1alpha1.ResultValue {
	if text := d.String(); known && resultForm.MatchString(text) {
		return v1alpha1.ResultValue(text)
	}
	return ""
}

// noneMissed is the worst KPI if all targets are met.
const noneMissed = "none"

// tally counts values and targets over a report.
type tally struct {
	kpis, known  int
	targets, met int
	unknown      int
	worst        string
	worstMiss    *big.Rat
}

// add compares a value with its target. It uses the value as shown, so that no hidden digits matter.
func (t *tally) add(spec *v1alpha1.KPI, result *v1alpha1.KPIResult) {
	t.kpis++
	if result.Value != "" {
		t.known++
	}
	if spec.Target == nil {
		return
	}
	t.targets++
	bound, words, sign := spec.Target.AtLeast, "at least", 1
	if bound == "" {
		bound, words, sign = spec.Target.AtMost, "at most", -1
	}
	_, limit := messages.Against(string(result.Value), string(bound), result.Unit)
	result.Target = words + " " + limit
	target, ok := new(big.Rat).SetString(string(bound))
	value, known := new(big.Rat).SetString(string(result.Value))
	if !ok || !known {
		t.unknown++
		return
	}
	met := value.Cmp(target)*sign >= 0
	result.Met = &met
	if met {
		t.met++
		return
	}
	miss := new(big.Rat).Sub(value, target)
	miss.Abs(miss)
	if target.Sign() != 0 {
		miss.Quo(miss, new(big.Rat).Abs(target))
	}
	if t.worstMiss == nil || miss.Cmp(t.worstMiss) > 0 {
		t.worst, t.worstMiss = string(spec.Name), miss
	}
}

func (t *tally) summary() *v1alpha1.ReportSummary {
	s := &v1alpha1.ReportSummary{KPIs: fmt.Sprintf("%d/%d", t.known, t.kpis), Worst: t.worst}
	if t.targets > 0 {
		s.Targets = fmt.Sprintf("%d/%d", t.met, t.targets)
	}
	switch {
	case t.unknown > 0:
		s.Targets += fmt.Sprintf(" (%d unknown)", t.unknown)
	case t.targets > 0 && t.met == t.targets:
		s.Worst = noneMissed
	}
	return s
}
