// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package result

import (
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis/messages"
	"github.com/journeyman-dev/journeyman/internal/journey"
	"github.com/journeyman-dev/journeyman/internal/journey/number"
)

// Period returns the time of the numbers: 0 for the period itself, 1 for the one to compare with.
func (o *Outcome) Period(i int) *v1alpha1.ResultPeriod {
	p := o.Plan.Journey.Periods[i]
	return &v1alpha1.ResultPeriod{
		AsOf: Stamp(time.UnixMicro(p.AsOf)), From: Stamp(time.UnixMicro(p.From)), To: Stamp(time.UnixMicro(p.To)),
		EventsFrom: Stamp(time.UnixMicro(p.EventsFrom)), EventsTo: Stamp(time.UnixMicro(p.EventsTo)),
	}
}

// basis describes an extent in words.
func basis(e journey.Extent) string {
	from := time.Time{}
	if e.From != 0 {
		from = time.UnixMicro(e.From)
	}
	return messages.Basis(e.What, from, time.UnixMicro(e.To))
}

// outside counts who entered at another time. Numbers that were not computed are omitted. It is nil if it is known that there was nobody.
func (o *Outcome) outside() *v1alpha1.OutsideResult {
	counted := o.Engine.Outside()
	out := &v1alpha1.OutsideResult{After: counted.After}
	if o.Plan.Scan.From == 0 {
		out.Before = &counted.Before
	}
	if out.After == 0 && out.Before != nil && *out.Before == 0 {
		return nil
	}
	return out
}

// duplicatesShown returns the duplicates of the map's sources since they were created, or nil.
func (o *Outcome) duplicatesShown() *v1alpha1.DuplicatesResult {
	n := o.Duplicates + o.Scanned.Stats.Duplicates
	if n == 0 {
		return nil
	}
	out := &v1alpha1.DuplicatesResult{Count: n}
	for i := range o.Doc.Sources {
		if at := &o.Doc.Sources[i].CreatedAt; !at.IsZero() && (out.Since == nil || at.Before(out.Since)) {
			out.Since = at
		}
	}
	return out
}

// Note explains why there are no mature numbers, and who is not counted.
func (o *Outcome) Note() string {
	f, p, outside := o.Engine.Evaluations()[0].Funnel, o.Plan.Journey.Periods[0], o.Engine.Outside()
	facts := messages.Facts{
		Customers: f.Customers, Young: f.YoungEntered, Before: outside.Before, After: outside.After, HistoryRead: o.Plan.Scan.From == 0,
		From: time.UnixMicro(p.From), To: time.UnixMicro(p.To), AsOf: o.Plan.AsOf, Window: o.Plan.Journey.Policy.Window,
		Range: o.Plan.ByRange, Oversized: o.Engine.Counts().Oversized, MostEvents: journey.MaxEvents,
		Crowded: o.Engine.Counts().Crowded,
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
	return messages.Note(&facts)
}

// conversionShown formats the conversion for people: of mature attempts, or of those in progress as long as none is mature.
func conversionShown(customers, converted, young, youngConverted int64) string {
	if customers == 0 && young > 0 {
		return number.Percent(youngConverted, young) + " (provisional)"
	}
	return number.Percent(converted, customers)
}
