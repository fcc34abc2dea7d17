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

// typeOfCustomers is the identity type that only an alias merges.
const typeOfCustomers = "customerId"

// createdEvent is the name of the first event of a person.
const createdEvent = "Created"

// sender sends the events of a case through ingestion to the store.
type sender struct {
	c      identityCase
	types  map[string]string
	source *ingest.Offline
	world  *world
	sent   int
}

// day returns the time of a creation. Persons are created one day apart.
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

// send sends an event through ingestion, and stores the result. Nothing is stored if ingestion rejects the event.
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

// before creates the persons of the case, one per day in the order of their creation.
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

// link returns the kind of event that states that two ids belong to one person.
func (s *sender) link(a, b string) event.Kind {
	if s.id(a).Type == typeOfCustomers && s.id(b).Type == typeOfCustomers {
		return event.Alias
	}
	return event.Identify
}

// operation sends the operation of the case after all other events. set_once is sent with an earlier time than all others.
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
			// The traits belong to one of the customers, so they are in a separate event.
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

// isKnown reports whether a person had this id before the operation.
func (s *sender) isKnown(id string) bool {
	for _, p := range s.c.Before {
		if slices.Contains(p.DistinctIDs, id) {
			return true
		}
	}
	return false
}

// customerOf returns the customerId of the person who had an id before the operation, or the id itself.
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

// known reports whether the store knows an identity. It sends an event with the identity, which increases the number of persons if the store does not
// know it. persons reads these events.
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
