// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package importer

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/decimal"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/pipeline"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const (
	// maxRefusals is the number of refused records that a result lists, maxExamples that of events of a dry run.
	maxRefusals = 100
	maxExamples = 5
	// maxNames is the number of names of events that are counted apart; others is the name of all further ones.
	maxNames = 100
	others   = "(others)"
)

// Result is what became of the records.
type Result struct {
	// Position of the last record whose events are durable.
	Position int64 `json:"position"`
	// Records that were read; Stored are their new events, and Known those that were stored before. In a dry run, all events are Stored.
	Records int64 `json:"records"`
	Stored  int64 `json:"stored"`
	Known   int64 `json:"known"`
	// Dropped records were left out on purpose; Refused ones are invalid, by reason.
	Dropped int64            `json:"dropped"`
	Refused int64            `json:"refused"`
	Reasons map[string]int64 `json:"reasons,omitempty"`
	// Expired events are older than the retention of the store, and Erased ones belong to erased persons: both are not stored.
	Expired int64 `json:"expired,omitempty"`
	Erased  int64 `json:"erased,omitempty"`
	// Events by their name, new ones and known ones, and the time of the oldest and the newest.
	Events map[string]int64 `json:"events,omitempty"`
	Oldest time.Time        `json:"oldest,omitzero"`
	Newest time.Time        `json:"newest,omitzero"`
	// Refusals lists the first refused records, Examples the first events of a dry run.
	Refusals []Refusal `json:"refusals,omitempty"`
	Examples []Example `json:"examples,omitempty"`
}

// Refusal is a record that was refused.
type Refusal struct {
	// Where is its line, with the member of an archive.
	Where string `json:"where"`
	*reject.Rejection
}

// Example is an event as it would be stored: its identities are hashed as the store's policy says.
type Example struct {
	// Where is the line of its record.
	Where      string           `json:"where"`
	Event      string           `json:"event"`
	ID         string           `json:"id"`
	Time       time.Time        `json:"time"`
	Channel    string           `json:"channel,omitempty"`
	Identities []event.Identity `json:"identities,omitempty"`
	OrderID    string           `json:"orderId,omitempty"`
	Amount     string           `json:"amount,omitempty"`
	Currency   string           `json:"currency,omitempty"`
	Survey     *event.Survey    `json:"survey,omitempty"`
	Properties json.RawMessage  `json:"properties,omitempty"`
}

// count adds a part to the result.
func (i *Importer) count(p *pipeline.Part, a *store.Appended) {
	r := &i.result
	n := len(p.Ends)
	r.Position = i.waiting[n-1].Position
	r.Records += int64(n)
	r.Known += a.Duplicates
	r.Expired += a.Expired
	r.Erased += a.Erased
	r.Stored += int64(len(p.Events)) - a.Duplicates - a.Expired - a.Erased
	r.Dropped += p.Counters.Dropped
	r.Refused += p.Refused
	for reason, c := range p.Counters.Rejected {
		r.Reasons = plus(r.Reasons, reason, c.Count)
	}
	for _, x := range p.Rejected {
		if len(r.Refusals) < maxRefusals {
			r.Refusals = append(r.Refusals, Refusal{Where: i.waiting[x.Index].Where(), Rejection: x.Rejection})
		}
	}
	record := 0
	for k := range p.Events {
		e := &p.Events[k]
		r.Events = plus(r.Events, e.Name, 1)
		r.between(time.UnixMicro(e.Time).UTC())
		for k >= p.Ends[record] {
			record++
		}
		if i.o.DryRun && len(r.Examples) < maxExamples {
			r.Examples = append(r.Examples, exampleOf(i.waiting[record].Where(), e))
		}
	}
}

func exampleOf(where string, e *event.Event) Example {
	x := Example{
		Where: where, Event: e.Name, ID: e.ID, Time: time.UnixMicro(e.Time).UTC(), Channel: e.Channel, Identities: e.Identities, OrderID: e.OrderID,
		Currency: e.Currency, Properties: e.Properties,
	}
	if e.Currency != "" {
		n, _ := decimal.Parse(strconv.FormatInt(e.Amount, 10) + "e-6") // A whole number is one.
		x.Amount = n.String()
	}
	if e.Survey.Kind != "" {
		x.Survey = &e.Survey
	}
	return x
}

// plus adds to a number of a map that has a limited number of names.
func plus(m map[string]int64, name string, n int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	if _, known := m[name]; !known && len(m) >= maxNames {
		name = others
	}
	m[name] += n
	return m
}

// between widens the range of times.
func (r *Result) between(at time.Time) {
	if at.IsZero() {
		return
	}
	if r.Oldest.IsZero() || at.Before(r.Oldest) {
		r.Oldest = at
	}
	if at.After(r.Newest) {
		r.Newest = at
	}
}

// Add adds the result of further records.
func (r *Result) Add(o *Result) {
	r.Position = max(r.Position, o.Position)
	r.Records += o.Records
	r.Stored += o.Stored
	r.Known += o.Known
	r.Dropped += o.Dropped
	r.Refused += o.Refused
	r.Expired += o.Expired
	r.Erased += o.Erased
	for reason, n := range o.Reasons {
		r.Reasons = plus(r.Reasons, reason, n)
	}
	for name, n := range o.Events {
		r.Events = plus(r.Events, name, n)
	}
	r.between(o.Oldest)
	r.between(o.Newest)
	r.Refusals = append(r.Refusals, o.Refusals[:min(len(o.Refusals), maxRefusals-len(r.Refusals))]...)
	r.Examples = append(r.Examples, o.Examples[:min(len(o.Examples), maxExamples-len(r.Examples))]...)
}
