// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"fmt"
	"strconv"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/simulator/truth"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// Report compares the status of a report over the sample map.
func (t *Table) Report(r *v1alpha1.MetricReport, m *v1alpha1.JourneyMap, worlds ...*world.World) error {
	t.object = "MetricReport/" + r.Name
	if r.Status.Trace.Analysis == nil || r.Status.Summary.AsOf() == nil {
		return fmt.Errorf("%s: there are no results yet", t.object)
	}
	q, err := questionOf(&m.Spec, r.Spec.Analysis, r.Status.Trace.Analysis, r.Status.Summary.AsOf())
	if err != nil {
		return fmt.Errorf("%s: %w", t.object, err)
	}
	now, before, err := truth.KPIs(q, r.Spec, worlds...)
	if err != nil {
		return fmt.Errorf("%s: %w", t.object, err)
	}
	for i, want := range now {
		if i >= len(r.Status.KPIs) || string(r.Status.KPIs[i].Name) != want.Name {
			t.add(want.Name, "missing", "a KPI", false, "")
			continue
		}
		got := &r.Status.KPIs[i]
		t.decimal(want.Name, string(got.Value), want.Value, want.Unsure, want.Samples)
		t.count(want.Name+" samples", got.Samples, want.Samples, want.Unsure)
		t.count(want.Name+" left out", got.LeftOut, want.LeftOut, want.Unsure)
		if r.Spec.Compare == v1alpha1.PreviousPeriod {
			t.decimal(want.Name+" before", string(got.Previous), before[i].Value, before[i].Unsure, before[i].Samples)
			t.count(want.Name+" samples before", got.PreviousSamples, before[i].Samples, before[i].Unsure)
		}
	}
	return nil
}

// retried are the reasons that senders retry. A fast run can cause some.
var retried = map[string]bool{"rate-limited": true, "secret-missing": true, "suspended": true, "new-identities": true}

// Source compares the counters of a source with everything that was sent to it. Requests whose response was lost are accepted twice, so accepted can
// be larger than the number sent.
func (t *Table) Source(s *v1alpha1.TouchpointSource, sent ...wire.Tally) {
	t.object = "TouchpointSource/" + s.Name
	var accepted, rejected, unauthorized, again, uncorrected, unsure int64
	reasons := map[string]int64{}
	for _, tally := range sent {
		c, ok := tally[world.Source(s.Name)]
		if !ok {
			continue
		}
		accepted += c.Accepted()
		uncorrected, unsure = uncorrected+c.Uncorrected, unsure+c.UncorrectedUnsure
		for reason, n := range c.Rejected {
			if reject.Unauthorized(reason) {
				unauthorized += n
				continue
			}
			reasons[reason] += n
			rejected += n
		}
	}
	for _, r := range s.Status.RejectReasons {
		if retried[r.Reason] {
			again += r.Count
			continue
		}
		t.count("rejected as "+r.Reason, r.Count, reasons[r.Reason], 0)
	}
	if s.Status.Accepted == nil || s.Status.Rejected == nil {
		t.add("counters", "missing", "numbers", false, "")
		return
	}
	note, got := "", *s.Status.Accepted
	if got > accepted {
		note = "answers were lost and requests sent again"
	}
	t.add("accepted", strconv.FormatInt(got, 10), strconv.FormatInt(accepted, 10), got >= accepted, note)
	t.count("rejected", *s.Status.Rejected-again, rejected, 0)
	t.count("uncorrected", s.Status.Uncorrected, uncorrected, unsure+max(0, got-accepted))
	t.count("unauthorized requests", s.Status.UnauthorizedRequests, unauthorized, 0)
}

// Store compares the number of stored events: each counts once, even if it was sent twice.
func (t *Table) Store(s *v1alpha1.EventStore, sent ...wire.Tally) {
	t.object = "EventStore/" + s.Name
	var events int64
	for _, tally := range sent {
		for _, c := range tally {
			events += c.Events
		}
	}
	if s.Status.Events == nil {
		t.add("events", "missing", "a number", false, "")
		return
	}
	t.count("events", *s.Status.Events, events, 0)
}
