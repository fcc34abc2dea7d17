// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/analysis"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/journey/breakdown"
	"github.com/journeyman-dev/journeyman/internal/journey/engine"
	"github.com/journeyman-dev/journeyman/internal/journey/metric"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
)

// sourceName is the source of all events of a case.
const sourceName = "case"

// world is a store with the events of one case.
type world struct {
	dir   string
	store *embedded.Store
	// names of the persons by their number in a scan.
	names map[uint64]string
}

// nameTrait is the trait with the name of a person in the case.
const nameTrait = "conformance.person"

// newWorld appends the events of a case to a new store.
func newWorld(ctx context.Context, c *Case) (w *world, err error) {
	w = &world{names: map[uint64]string{}}
	if w.dir, err = os.MkdirTemp("", "conformance-"); err != nil {
		return nil, err
	}
	w.store, err = embedded.Open(embedded.Options{
		Dir: w.dir, CompactEvery: -1, MemoryLimit: 256 << 20, MinFree: 1, Threads: 1, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(w.dir))
	}
	if events := c.storeEvents(); len(events) > 0 {
		_, err = w.store.Append(ctx, store.Batch{Source: sourceName, Events: events})
	}
	if err == nil {
		err = w.readNames(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// append stores further events, for kinds whose cases have events in another form.
func (w *world) append(ctx context.Context, events ...event.Event) error {
	_, err := w.store.Append(ctx, store.Batch{Source: sourceName, Events: events})
	return err
}

func (w *world) close() error { return errors.Join(w.store.Close(), os.RemoveAll(w.dir)) }

// storeEvents converts the persons and events of a case to the store. Each person is identified once, with all their ids and properties, at the time
// of their creation in the case or just before their first event, whichever is earlier. The time of their creation is also a trait.
func (c *Case) storeEvents() []event.Event {
	first, order := map[string]time.Time{}, []string{}
	for _, e := range c.Events {
		if e.Person == "" {
			return nil // the events have another form, and the kind stores them itself
		}
		at, ok := first[e.Person]
		if !ok {
			order = append(order, e.Person)
		}
		if !ok || e.Time.Before(at) {
			first[e.Person] = e.Time
		}
	}
	var out []event.Event
	for i, name := range order {
		p := c.Persons[name]
		at, created := first[name].Add(-time.Microsecond), first[name]
		if p.CreatedAt != nil {
			created = *p.CreatedAt
		}
		if created.Before(at) {
			at = created
		}
		traits := map[string]any{nameTrait: name, "createdAt": created.Format(time.RFC3339Nano)}
		for k, v := range p.Properties {
			traits[k] = v
		}
		e := event.Event{
			ID: fmt.Sprint("person-", i), Source: sourceName, Kind: event.Identify, Name: "Identified", Time: at.UnixMicro(), ReceivedAt: at.UnixMicro(),
			Identities: []event.Identity{customer(name)}, Traits: object(traits),
		}
		for _, id := range p.DistinctIDs {
			e.Identities = append(e.Identities, anonymous(id))
		}
		out = append(out, e)
	}
	withTraits := c.countsUnits()
	for i := range c.Events {
		e := c.storeEvent(i)
		if withTraits {
			e.Traits = object(c.traitsOf(c.Events[i].Person))
		}
		out = append(out, e)
	}
	return out
}

// countsUnits reports whether the case, or one of its series, counts units other than persons.
func (c *Case) countsUnits() bool {
	var q struct {
		CountBy string `json:"count_by"`
		Series  []struct {
			CountBy string `json:"count_by"`
		} `json:"series"`
	}
	if json.Unmarshal(c.Query, &q) != nil {
		return false // the kind reports an invalid query
	}
	all := []string{q.CountBy}
	for _, s := range q.Series {
		all = append(all, s.CountBy)
	}
	return slices.ContainsFunc(all, func(by string) bool { return strings.Contains(by, ":") })
}

// traitsOf returns the traits in an event of a case that counts units. The traits of a unit come only from its own events. Several persons can have
// events in one unit, so each event also removes the traits of the previous person.
func (c *Case) traitsOf(name string) map[string]any {
	traits := map[string]any{}
	for _, p := range c.Persons {
		for key := range p.Properties {
			traits[key] = nil
		}
	}
	for key, value := range c.Persons[name].Properties {
		traits[key] = value
	}
	return traits
}

func (c *Case) storeEvent(i int) event.Event {
	e := &c.Events[i]
	out := event.Event{
		ID: fmt.Sprint("event-", i), Source: sourceName, Channel: "web", Name: e.Event, Time: e.Time.UnixMicro(), ReceivedAt: e.Time.UnixMicro(),
		Identities: []event.Identity{customer(e.Person)}, Properties: object(e.Properties), Groups: object(c.groupsOf(e)),
	}
	if e.DistinctID != "" && slices.Contains(c.Persons[e.Person].DistinctIDs, e.DistinctID) {
		out.Identities = []event.Identity{anonymous(e.DistinctID)}
	}
	return out
}

// groupsOf returns the groups of an event like a sender: by type, with id and properties.
func (c *Case) groupsOf(e *Event) map[string]any {
	groups := map[string]any{}
	for number := range 5 {
		kind := fmt.Sprint(number)
		given := e.Properties["$group_"+kind]
		if given == nil || given == "" {
			continue
		}
		id := textOf(given)
		group := map[string]any{}
		for k, v := range c.Groups[kind][id] {
			group[k] = v
		}
		if inner, ok := group["properties"].(map[string]any); ok {
			group = inner
		}
		group["id"] = id
		groups[kind] = group
	}
	return groups
}

// Ids get a prefix, so that a case can use names that are placeholders, such as "0".
func customer(name string) event.Identity {
	return event.Identity{Type: "customerId", Value: "person " + name}
}

func anonymous(id string) event.Identity {
	return event.Identity{Type: "anonymousId", Value: "id " + id}
}

func object(m map[string]any) json.RawMessage {
	if len(m) == 0 {
		return nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // the value came from JSON
	}
	return b
}

// readNames reads the names of the persons by their numbers, from the identify events.
func (w *world) readNames(ctx context.Context) (err error) {
	scan, err := w.store.Scan(ctx, store.ScanRequest{Columns: []string{store.ColumnTraits}})
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
		persons, traits := batch.Column(0).(*array.Uint64), batch.Column(int(batch.NumCols())-1).(*array.String)
		for i := range int(batch.NumRows()) {
			var found map[string]any
			if traits.IsNull(i) || json.Unmarshal([]byte(traits.Value(i)), &found) != nil {
				continue
			}
			if name, ok := found[nameTrait].(string); ok {
				w.names[persons.Value(i)] = name
			}
		}
	}
}

// ask evaluates a map, and a report if there is one, like the analysis job. It calls each with every person of the scan, or with every unit by its
// text. Without each, it flushes the events first. With each, it reads them from the log.
func (w *world) ask(
	ctx context.Context, spec *v1alpha1.JourneyMapSpec, report *v1alpha1.MetricReportSpec, each func(name string, v *metric.View, groups [][]breakdown.Placement),
) (*engine.Engine, error) {
	doc := &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: "default", Name: "case", UID: "case", Map: *spec,
		Sources: []podconfig.MapSource{{Name: sourceName}}, Report: report,
	}
	if report != nil {
		doc.Kind = v1alpha1.MetricReportKind
	}
	now := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	run := &analysis.Run{
		Document: doc, Scheduled: now, Job: "case", Store: w.store,
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
	if each == nil {
		if err := w.store.Compact(ctx); err != nil {
			return nil, err
		}
	} else {
		run.Each = func(v *metric.View, groups [][]breakdown.Placement) {
			if v.Person.Unit != "" {
				each(v.Person.Unit, v, groups)
				return
			}
			each(w.names[v.Person.ID], v, groups)
		}
	}
	return run.Evaluate(ctx)
}
