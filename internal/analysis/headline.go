// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/speak"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// maxWhole is the number of events of a store up to which a run reads all of them, so as to count who entered before its time. Larger stores are read
// from where the numbers need them.
const maxWhole = 2_000_000

// period says which time the numbers speak of: 0 for the period itself, 1 for the one that it is compared with.
func (o *outcome) period(i int) *v1alpha1.ResultPeriod {
	p := o.plan.journey.Periods[i]
	return &v1alpha1.ResultPeriod{
		AsOf: stamp(time.UnixMicro(p.AsOf)), From: stamp(time.UnixMicro(p.From)), To: stamp(time.UnixMicro(p.To)),
		EventsFrom: stamp(time.UnixMicro(p.EventsFrom)), EventsTo: stamp(time.UnixMicro(p.EventsTo)),
	}
}

// counted says in words what an extent is of.
func counted(e journey.Extent) string {
	from := time.Time{}
	if e.From != 0 {
		from = time.UnixMicro(e.From)
	}
	return speak.Counted(e.What, from, time.UnixMicro(e.To))
}

// outside counts who entered at another time; what was not looked at is missing. It is nil when it is known that nobody did.
func (o *outcome) outside() *v1alpha1.OutsideResult {
	counted := o.engine.Outside()
	out := &v1alpha1.OutsideResult{After: counted.After}
	if o.plan.scan.From == 0 {
		out.Before = &counted.Before
	}
	if out.After == 0 && out.Before != nil && *out.Before == 0 {
		return nil
	}
	return out
}

// duplicatesShown are those of the map's sources since they exist; nil for none.
func (o *outcome) duplicatesShown() *v1alpha1.DuplicatesResult {
	n := o.duplicates + o.scanned.stats.Duplicates
	if n == 0 {
		return nil
	}
	out := &v1alpha1.DuplicatesResult{Count: n}
	for i := range o.doc.Sources {
		if at := &o.doc.Sources[i].CreatedAt; !at.IsZero() && (out.Since == nil || at.Before(out.Since)) {
			out.Since = at
		}
	}
	return out
}

// note says why there are no mature numbers, and who counts in nothing.
func (o *outcome) note() string {
	f, p, outside := o.engine.Evaluations()[0].Funnel, o.plan.journey.Periods[0], o.engine.Outside()
	facts := speak.Facts{
		Customers: f.Customers, Young: f.YoungEntered, Before: outside.Before, After: outside.After, HistoryRead: o.plan.scan.From == 0,
		From: time.UnixMicro(p.From), To: time.UnixMicro(p.To), AsOf: o.plan.asOf, Window: o.plan.journey.Policy.Window,
		Range: o.plan.byRange, Oversized: o.engine.Counts().Oversized, MostEvents: journey.MaxEvents,
		Crowded: o.engine.Counts().Crowded,
	}
	if s := f.Apart(); s != nil {
		facts.Apart, facts.ApartReach = s.Name, s.Reach
	}
	if outside.First != 0 {
		facts.FirstYoung = time.UnixMicro(outside.First)
	}
	if outside.NewestBefore != 0 {
		facts.NewestBefore = time.UnixMicro(outside.NewestBefore)
	}
	return speak.Note(&facts)
}

// conversionShown is the conversion for people: of mature attempts, or of those under way as long as none is mature.
func conversionShown(customers, converted, young, youngConverted int64) string {
	if customers == 0 && young > 0 {
		return number.Percent(youngConverted, young) + " (provisional)"
	}
	return number.Percent(converted, customers)
}
