// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// probeEvent is the name of the events that show which person has an identity.
const probeEvent = "Probe"

// personGot is a person in the store.
type personGot struct {
	ids        []string
	identified bool
	created    int // number of the day of the creation
	properties map[string]any
}

// persons returns the person of every id of the case that the store knows.
func (s *sender) persons(ctx context.Context) ([]*personGot, error) {
	known := map[string]bool{}
	for _, value := range slices.Sorted(maps.Keys(s.types)) {
		ok, err := s.known(ctx, s.id(value))
		if err != nil {
			return nil, err
		}
		known[value] = ok
	}
	byNumber := map[uint64]*personGot{}
	err := s.world.scan(ctx, store.ScanRequest{}, func(r *rowGot) error {
		p := byNumber[r.person]
		if p == nil {
			p = &personGot{properties: map[string]any{}}
			byNumber[r.person] = p
		}
		return s.read(p, r, known)
	})
	if err != nil {
		return nil, err
	}
	var out []*personGot
	for _, p := range byNumber {
		if len(p.ids) > 0 {
			out = append(out, p)
		}
	}
	return out, nil
}

// read reads one event of a person. Events are in order of time, so that the newest value of a trait remains.
func (s *sender) read(p *personGot, r *rowGot, known map[string]bool) error {
	if r.traits != "" {
		if err := json.Unmarshal([]byte(r.traits), &p.properties); err != nil {
			return err
		}
	}
	switch r.name {
	case createdEvent:
		for n := range 29 {
			if r.time == day(n).UnixMicro() && p.created == 0 {
				p.created = n
			}
		}
	case probeEvent:
		var asked struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal([]byte(r.properties), &asked); err != nil {
			return err
		}
		if known[asked.ID] {
			p.ids = append(p.ids, asked.ID)
			p.identified = p.identified || s.types[asked.ID] == typeOfCustomers
		}
	}
	return nil
}

// compare requires exactly the persons of the case.
func (want *identityWant) compare(found *Disagreements, got []*personGot) {
	byIDs := map[string]*personGot{}
	for _, p := range got {
		slices.Sort(p.ids)
		byIDs[strings.Join(p.ids, " ")] = p
	}
	for _, p := range want.Persons {
		slices.Sort(p.DistinctIDs)
		name := strings.Join(p.DistinctIDs, " ")
		g := byIDs[name]
		if g == nil {
			found.addf("person %q: there is none", name)
			continue
		}
		delete(byIDs, name)
		if p.IsIdentified != nil {
			found.equal("is_identified of "+name, *p.IsIdentified, g.identified)
		}
		if p.CreatedOrder != nil {
			found.equal("created_order of "+name, *p.CreatedOrder, g.created)
		}
		if p.Properties != nil {
			found.equal("properties of "+name, p.Properties, g.properties)
		}
	}
	for name := range byIDs {
		found.addf("person %q: should not be there", name)
	}
}

// rowGot is an event in the results of a scan.
type rowGot struct {
	person             uint64
	time, seq          int64
	name               string
	traits, properties string
}

// scan reads events from the store.
func (w *world) scan(ctx context.Context, r store.ScanRequest, each func(*rowGot) error) (err error) {
	r.Columns = []string{store.ColumnEvent, store.ColumnTraits, store.ColumnProperties}
	scan, err := w.store.Scan(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scan.Close()) }()
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		numbers, texts := map[string]*array.Int64{}, map[string]*array.String{}
		var persons *array.Uint64
		for i, f := range batch.Schema().Fields() {
			switch column := batch.Column(i).(type) {
			case *array.Int64:
				numbers[f.Name] = column
			case *array.String:
				texts[f.Name] = column
			case *array.Uint64:
				persons = column
			}
		}
		if persons == nil {
			return fmt.Errorf("the scan has no column %s", store.ColumnPerson)
		}
		for i := range int(batch.NumRows()) {
			row := rowGot{
				person: persons.Value(i), time: numbers[store.ColumnTime].Value(i), seq: numbers[store.ColumnSeq].Value(i),
				name: texts[store.ColumnEvent].Value(i), traits: texts[store.ColumnTraits].Value(i), properties: texts[store.ColumnProperties].Value(i),
			}
			if err := each(&row); err != nil {
				return err
			}
		}
	}
}
