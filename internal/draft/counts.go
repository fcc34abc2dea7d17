// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/draft/order"
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// maxNames is the number of names of events that are counted one by one.
const maxNames = 5000

// counts are what the events of the files have in common.
type counts struct {
	events, customers int64
	// first and last are the times of the first and the last event, in microseconds.
	first, last int64
	names       map[string]*named
	// others counts events whose names are too many to be counted.
	others int64
}

// named are the events of one name.
type named struct {
	order.Event
	// last is the number of the last customer who met it.
	last int64
	// currencies count the events with an amount.
	currencies map[string]int64
}

func (c *counts) span() time.Duration { return time.Duration(c.last-c.first) * time.Microsecond }

func (c *counts) list() []order.Event {
	out := make([]order.Event, 0, len(c.names))
	for _, n := range c.names {
		out = append(out, n.Event)
	}
	return out
}

// row is an event of a scan.
type row struct {
	person          uint64
	time            int64
	kind, initiator uint8
	// nobody is set if the event belongs to no customer.
	nobody         bool
	name, currency string
}

var columns = []string{store.ColumnKind, store.ColumnInitiator, store.ColumnEvent, store.ColumnCurrency, store.ColumnFlags}

// scan calls take for all events, customer after customer, in the order of their times.
func scan(ctx context.Context, s store.Scanner, take func(*row)) (err error) {
	stream, err := s.Scan(ctx, store.ScanRequest{Columns: columns})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	for {
		batch, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		person, okPerson := batch.Column(0).(*array.Uint64)
		at, okTime := batch.Column(1).(*array.Int64)
		column := func(name string) any { return batch.Column(batch.Schema().FieldIndices(name)[0]) }
		kind, okKind := column(store.ColumnKind).(*array.Uint8)
		initiator, okInitiator := column(store.ColumnInitiator).(*array.Uint8)
		name, okName := column(store.ColumnEvent).(*array.String)
		currency, okCurrency := column(store.ColumnCurrency).(*array.String)
		flags, okFlags := column(store.ColumnFlags).(*array.Uint8)
		if !okFlags || !okPerson || !okTime || !okKind || !okInitiator || !okName || !okCurrency {
			return fmt.Errorf("a scan has columns of other types: %s", batch.Schema())
		}
		var r row
		for i := range int(batch.NumRows()) {
			r = row{person: person.Value(i), time: at.Value(i), kind: kind.Value(i), initiator: initiator.Value(i), name: name.Value(i), currency: currency.Value(i)}
			r.nobody = event.Flags(flags.Value(i))&event.FlagUnidentified != 0
			take(&r)
		}
	}
}

// count counts the events by name.
func count(ctx context.Context, s store.Scanner) (*counts, error) {
	c := &counts{names: map[string]*named{}}
	var person uint64
	begun := false
	return c, scan(ctx, s, func(r *row) {
		if c.events == 0 || r.time < c.first {
			c.first = r.time
		}
		c.last = max(c.last, r.time)
		if !r.nobody && (!begun || r.person != person) {
			person, begun = r.person, true
			c.customers++
		}
		c.events++
		n := c.names[r.name]
		if n == nil {
			if len(c.names) == maxNames {
				c.others++
				return
			}
			name := strings.Clone(r.name) // the batch is valid until the next one
			n = &named{Event: order.Event{Name: name}, currencies: map[string]int64{}}
			c.names[name] = n
		}
		n.add(r, c.customers)
	})
}

// maxCurrencies is the number of currencies that are counted.
const maxCurrencies = 50

// add counts an event of the customer with that number.
func (n *named) add(r *row, customer int64) {
	n.Events++
	if !r.nobody && n.last != customer {
		n.last = customer
		n.Customers++
	}
	if event.Initiator(r.initiator) != event.Customer {
		n.ByOthers++
	}
	if event.Kind(r.kind) != event.Track {
		n.Untracked++
	}
	if r.currency != "" {
		n.Amounts++
		if _, known := n.currencies[r.currency]; known || len(n.currencies) < maxCurrencies {
			n.currencies[strings.Clone(r.currency)]++
		}
	}
}

// pairs counts the customers by the order of their first events.
func (c *counts) pairs(ctx context.Context, s store.Scanner, events []order.Event) (*order.Pairs, error) {
	numbers := map[string]int{}
	for i, e := range events {
		numbers[e.Name] = i
	}
	out := order.NewPairs(len(events))
	times := make([]int64, len(events))
	begin := func() {
		for i := range times {
			times[i] = order.Never
		}
	}
	begin()
	var person uint64
	begun := false
	err := scan(ctx, s, func(r *row) {
		if r.nobody {
			return
		}
		if begun && r.person != person {
			out.Add(times)
			begin()
		}
		person, begun = r.person, true
		if i, ok := numbers[r.name]; ok && times[i] == order.Never {
			times[i] = r.time
		}
	})
	out.Add(times)
	return out, err
}
