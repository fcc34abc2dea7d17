// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest/eventid"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
)

// Observer sees what becomes of requests, for tools that show it. Pods have none.
type Observer interface {
	// Step is called after each document.
	Step(s *Step)
	// Refused is called if a request is refused as a whole.
	Refused(r *reject.Rejection)
}

// LeftOut says why a document was left out on purpose.
type LeftOut string

// Reasons to leave a document out.
const (
	ByRule     LeftOut = "rule"
	NoConsent  LeftOut = "consent"
	Technical  LeftOut = "technical"
	NoElements LeftOut = "no elements"
)

// Step is what became of one document of a request. The events of a document can be stored although others of it are refused.
type Step struct {
	// Index of the document in the request.
	Index int
	// Rule is the path of the mapping rule that matched, or failed; empty if none did.
	Rule string
	// Events as they are stored, each with the origin of its id.
	Events []Stored
	// Refused lists what was refused of the document.
	Refused []Refusal
	// Dropped is empty if the document was not left out.
	Dropped LeftOut
	// Ignored are identities that were not used.
	Ignored []Ignored
	// Document returns what rules see of the document; nil if rules never see it.
	Document func() (any, error)
}

// Stored is an event with the origin of its id; empty for an event that Journeyman made.
type Stored struct {
	event.Event
	IDFrom eventid.From
}

// Refusal is a rejection. Value is the value of the field, if it is known. Inputs are what a failed expression uses of the document.
type Refusal struct {
	*reject.Rejection
	Value    any
	HasValue bool
	Inputs   map[string]any
}

// Ignored is an identity that was not used.
type Ignored struct {
	event.Identity
	// Placeholder is set if the value stands for nobody; otherwise it is not valid for its type.
	Placeholder bool
}

// Refused tells the observer about a request that is refused as a whole.
func (s *Snapshot) Refused(r *reject.Rejection) {
	if s.Observer != nil {
		s.Observer.Refused(r)
	}
}

// Trust replaces the transport by one that authenticates no sender, for a recorded request without the Secret.
func (s *Snapshot) Trust() error {
	kind, err := registry.Of(&s.Config.Source.Transport)
	if err == nil {
		s.Transport, err = kind.New(transport.Settings{Spec: &s.Config.Source, Recorded: true})
	}
	return err
}

// observe starts the step of a candidate, and returns what ends it.
func (p *processor) observe(i int, c *transport.Candidate) (done func()) {
	if p.snapshot.Observer == nil {
		return func() {}
	}
	p.step, p.input, p.place = &Step{Index: i, Document: c.Body}, nil, mapping.NoPlace
	p.finisher.ignored = func(id event.Identity, placeholder bool) {
		p.step.Ignored = append(p.step.Ignored, Ignored{id, placeholder})
	}
	made := len(p.out.Events)
	return func() {
		if len(p.out.Events) <= made {
			p.step.Events = nil // A document can be refused after some of its events.
		}
		p.snapshot.Observer.Step(p.step)
	}
}

// each applies the rules to a document, and remembers for the observer which rule matched and what it was applied to.
func (p *processor) each(in *mapping.Input, yield func(*mapping.Made) bool) mapping.Outcome {
	if p.step == nil {
		return p.snapshot.Rules.Each(in, yield)
	}
	p.input = in
	o := p.snapshot.Rules.Each(in, func(m *mapping.Made) bool {
		p.place = m.Place
		return yield(m)
	})
	p.step.Rule = o.Rule
	switch {
	case o.Dropped:
		p.step.Dropped = ByRule
	case o.Matched && o.Events == 0:
		p.step.Dropped = NoElements
	}
	return o
}

// drop counts a document that is left out on purpose.
func (p *processor) drop(why LeftOut) {
	p.out.Counters.Dropped++
	if p.step != nil {
		p.step.Dropped = why
	}
}

// refused records what was refused of the document, with the value of the field if a rule gives it.
func (p *processor) refused(r *reject.Rejection) {
	if p.step == nil {
		return
	}
	f := Refusal{Rejection: r}
	if p.input != nil {
		again := *p.input
		again.Budget = mapping.NewBudget()
		f.Value, f.HasValue, f.Inputs = p.snapshot.Rules.Value(r.Field, &again, p.place)
	}
	p.step.Refused = append(p.step.Refused, f)
}
