// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/ingest"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// identityCase is a case of persons, one operation, and the resulting persons.
//
// Identifiers of cases have no type. A sender to Journeyman chooses the type: an id to which an operation joins another one, or of an identified
// person, is a customerId; all others are anonymousIds. $identify and $create_alias state that two ids belong to one person, which is an alias call
// here. If both are ids of known customers, it is an identify call with both, because an alias of two customers always merges them, which only
// $merge_dangerously requests. docs/identity.md explains this, too.
type identityCase struct {
	Before []struct {
		DistinctIDs  []string       `json:"distinct_ids"`
		IsIdentified bool           `json:"is_identified"`
		CreatedOrder int            `json:"created_order"`
		Properties   map[string]any `json:"properties"`
	} `json:"before"`
	Operation identityOperation `json:"operation"`
}

type identityOperation struct {
	Event          string         `json:"event"`
	DistinctID     string         `json:"distinct_id"`
	AnonDistinctID *string        `json:"anon_distinct_id"`
	Alias          *string        `json:"alias"`
	Set            map[string]any `json:"set"`
	SetOnce        map[string]any `json:"set_once"`
}

// other returns the id that the operation joins with its own id, or nil.
func (op *identityOperation) other() *string {
	if op.AnonDistinctID != nil {
		return op.AnonDistinctID
	}
	return op.Alias
}

type identityWant struct {
	Persons []struct {
		DistinctIDs  []string       `json:"distinct_ids"`
		IsIdentified *bool          `json:"is_identified"`
		CreatedOrder *int           `json:"created_order"`
		Properties   map[string]any `json:"properties"`
	} `json:"persons"`
}

// typeOfCustomers is the type of ids of which no two become one person but by an alias.
const typeOfCustomers = "customerId"

// createdEvent is the name of the event with which a person of a case begins.
const createdEvent = "Created"

// sender sends the events of a case through the rules of ingestion into the store.
type sender struct {
	c      identityCase
	types  map[string]string
	source *ingest.Offline
	world  *world
	sent   int
}

// day gives times of a case: creations are a day apart.
func day(n int) time.Time { return time.Date(2025, 1, 1+n, 0, 0, 0, 0, time.UTC) }

func runIdentity(ctx context.Context, w *world, c *Case) (found Disagreements, err error) {
	s := &sender{types: map[string]string{}, world: w}
	var want identityWant
	if err := errors.Join(json.Unmarshal(c.Raw, &s.c), json.Unmarshal(c.Expected, &want)); err != nil {
		return nil, err
	}
	if s.source, err = ingest.NewOffline(sourceName, &v1alpha1.TouchpointSourceSpec{Channel: "web"}); err != nil {
		return nil, err
	}
	if err := s.before(ctx); err != nil {
		return nil, err
	}
	if err := s.operation(ctx); err != nil {
		return nil, err
	}
	got, err := s.persons(ctx)
	if err != nil {
		return nil, err
	}
	want.compare(&found, got)
	return found, nil
}

// send puts an event through ingestion and stores what comes out; nothing does when ingestion refuses it.
func (s *sender) send(ctx context.Context, e event.Event) error {
	s.sent++
	e.ID, e.Channel, e.TimeSource = fmt.Sprint("sent-", s.sent), "web", event.TimeFromEvent
	mapped := s.source.Map(map[string]any{"n": s.sent}, nil, nil, func() (*event.Event, *reject.Rejection) { return &e, nil })
	if len(mapped.Events) == 0 {
		return nil
	}
	return s.world.append(ctx, mapped.Events...)
}

func (s *sender) id(value string) event.Identity {
	if s.types[value] == "" {
		s.types[value] = "anonymousId"
	}
	return event.Identity{Type: s.types[value], Value: value}
}

// before creates the persons that there are, one a day in the order of their creation.
func (s *sender) before(ctx context.Context) error {
	if s.c.Operation.other() != nil {
		s.types[s.c.Operation.DistinctID] = typeOfCustomers
	}
	for i, p := range s.c.Before {
		if p.IsIdentified && !slices.ContainsFunc(p.DistinctIDs, func(id string) bool { return s.types[id] == typeOfCustomers }) {
			s.types[p.DistinctIDs[0]] = typeOfCustomers
		}
		at := day(max(i+1, p.CreatedOrder)).UnixMicro()
		for k, value := range p.DistinctIDs {
			e := event.Event{Kind: event.Track, Name: createdEvent, Time: at, Identities: []event.Identity{s.id(value)}}
			if p.IsIdentified || len(p.Properties) > 0 {
				e.Kind = event.Identify
			}
			if k == 0 {
				e.Traits = object(p.Properties)
			} else {
				e.Kind = s.link(value, p.DistinctIDs[0])
				e.Identities = append(e.Identities, s.id(p.DistinctIDs[0]))
			}
			if err := s.send(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// link is the kind of event that says that two ids of one person belong together.
func (s *sender) link(a, b string) event.Kind {
	if s.id(a).Type == typeOfCustomers && s.id(b).Type == typeOfCustomers {
		return event.Alias
	}
	return event.Identify
}

// operation sends what the case asks for, after everything else; set_once as what was known from the beginning.
func (s *sender) operation(ctx context.Context) error {
	op := &s.c.Operation
	at := day(30).UnixMicro()
	e := event.Event{Kind: event.Identify, Name: "Identified", Time: at, Identities: []event.Identity{s.id(op.DistinctID)}, Traits: object(op.Set)}
	if other := op.other(); other != nil {
		id := s.id(s.customerOf(*other))
		switch both := id.Type == typeOfCustomers && s.isKnown(op.DistinctID); {
		case op.Event == "$merge_dangerously" || !both:
			e.Kind, e.Identities = event.Alias, append(e.Identities, id)
		default:
			// The traits are of the one customer alone, so that they come in an event of their own.
			link := event.Event{Kind: event.Identify, Name: "Identified", Time: at, Identities: []event.Identity{s.id(op.DistinctID), id}}
			if err := s.send(ctx, link); err != nil {
				return err
			}
		}
	}
	if err := s.send(ctx, e); err != nil {
		return err
	}
	if len(op.SetOnce) == 0 {
		return nil
	}
	return s.send(ctx, event.Event{
		Kind: event.Identify, Name: "Identified", Time: day(-30).UnixMicro(), Identities: []event.Identity{s.id(op.DistinctID)}, Traits: object(op.SetOnce),
	})
}

// isKnown tells whether there was a person with this id before.
func (s *sender) isKnown(id string) bool {
	for _, p := range s.c.Before {
		if slices.Contains(p.DistinctIDs, id) {
			return true
		}
	}
	return false
}

// customerOf gives the customerId of the person that an id belonged to before, or the id itself.
func (s *sender) customerOf(id string) string {
	for _, p := range s.c.Before {
		if !slices.Contains(p.DistinctIDs, id) {
			continue
		}
		for _, other := range p.DistinctIDs {
			if s.types[other] == typeOfCustomers {
				return other
			}
		}
	}
	return id
}

// known says whether the store knows an identity, and asks for its person: one event more of an unknown one makes one person more.
func (s *sender) known(ctx context.Context, id event.Identity) (bool, error) {
	before, err := s.world.store.State(ctx)
	if err != nil {
		return false, err
	}
	err = s.send(ctx, event.Event{
		Name: probeEvent, Time: day(60).UnixMicro(), Identities: []event.Identity{id}, Properties: object(map[string]any{"id": id.Value}),
	})
	if err != nil {
		return false, err
	}
	after, err := s.world.store.State(ctx)
	return before.Health.Persons == after.Health.Persons, err
}
