// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"time"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// sources of the world: what is read by e-mail comes from the second.
var sources = []struct{ name, channel string }{{"web", "web"}, {"crm-email", "email"}}

const (
	emailOpened = 11
	fillBatch   = 5000
	// fillMemory of the engine while the folder is filled.
	fillMemory = 1 << 30
)

func sourceOf(s *sighting) int {
	if s.name == emailOpened {
		return 1
	}
	return 0
}

// fill appends the events of a time in their order, through the store's own append path. The store sorts and merges as it always does,
// or leaves everything in the log.
func (o *ours) fill(ctx context.Context, dir string, from, to int64, sort bool) error {
	s, err := o.open(dir, sort)
	if err != nil {
		return err
	}
	if err := o.append(ctx, s, from, to); err != nil {
		return err
	}
	if sort {
		if err := s.Compact(ctx); err != nil {
			return err
		}
	}
	return s.Close()
}

func (o *ours) open(dir string, sort bool) (*embedded.Store, error) {
	samples, err := rig.ReadSamples(o.bench.samples)
	if err != nil {
		return nil, err
	}
	policy := identity.NewPolicy(nil)
	if samples.Store.Spec.Identity != nil {
		policy = identity.NewPolicy(samples.Store.Spec.Identity.MaxLinks)
	}
	every := time.Hour // a full segment of the log is sorted at once
	if !sort {
		every = -1
	}
	return embedded.Open(embedded.Options{
		Dir: filepath.Join(dir, "data"), Identity: policy, CompactEvery: every, MemoryLimit: fillMemory,
		MaxTailBytes: 8 << 30, Logger: slog.New(slog.DiscardHandler),
	})
}

func (o *ours) append(ctx context.Context, s *embedded.Store, from, to int64) error {
	open := make([][]event.Event, len(sources))
	flush := func(i int) error {
		b := store.Batch{Source: sources[i].name, Events: open[i], Counters: store.Counters{Accepted: int64(len(open[i]))}}
		_, err := s.Append(ctx, b)
		open[i] = nil
		return err
	}
	err := o.world.byTime(from, to, func(list []sighting) error {
		for i := range list {
			at := sourceOf(&list[i])
			open[at] = append(open[at], o.world.event(&list[i]))
			if len(open[at]) < fillBatch {
				continue
			}
			again := o.world.again(open[at])
			if err := flush(at); err != nil {
				return err
			}
			open[at] = again
		}
		return nil
	})
	for i := range open {
		if err == nil && len(open[i]) > 0 {
			err = flush(i)
		}
	}
	return err
}

// again gives the events of a batch that are delivered a second time, in the next batch, with another time of receipt.
func (w world) again(batch []event.Event) []event.Event {
	var out []event.Event
	for _, e := range batch {
		person, number, _ := cutID(e.ID)
		if s := (sighting{person: person, number: number}); w.redelivered(&s) && e.ReceivedAt == e.Time+2*event.MicroUnits {
			e.ReceivedAt += 60 * event.MicroUnits
			out = append(out, e)
		}
	}
	return out
}

func idOf(s *sighting) uint64 { return uint64(s.person)<<10 | uint64(s.number) }

func cutID(id string) (person, number int, err error) {
	n, err := strconv.ParseUint(id, 36, 64)
	return int(n >> 10), int(n & 1023), err
}

// event as ingestion would give it to the store.
func (w world) event(s *sighting) event.Event {
	e := event.Event{
		ID: strconv.FormatUint(idOf(s), 36), Source: sources[sourceOf(s)].name, Channel: sources[sourceOf(s)].channel, Name: names[s.name],
		Time: (begin + s.at) * event.MicroUnits, ReceivedAt: (begin + s.at + 2) * event.MicroUnits, MappingGeneration: 1,
		Properties: json.RawMessage(fmt.Sprintf(`{"sku":"A%d","price":%d.50}`, hash(s.person, uint64(s.number))%5000, s.at%90)),
	}
	e.Identities = w.namedBy(s)
	return e
}

// namedBy of an event, the strongest first.
func (w world) namedBy(s *sighting) []event.Identity {
	customer := event.Identity{Type: "customerId", Value: "c" + strconv.Itoa(s.person)}
	device := event.Identity{Type: "anonymousId", Value: fmt.Sprintf("a%d-%d", s.person, s.device)}
	switch {
	case !w.identities || s.known && !s.both:
		return []event.Identity{customer}
	case s.both:
		return []event.Identity{customer, device}
	default:
		return []event.Identity{device}
	}
}
