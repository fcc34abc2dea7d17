// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memtable

import (
	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// How to fill a column from events.
var (
	longsOf = map[string]func(*event.Event) int64{
		store.ColumnTime:       func(e *event.Event) int64 { return e.Time },
		store.ColumnReceivedAt: func(e *event.Event) int64 { return e.ReceivedAt },
		store.ColumnAmount:     func(e *event.Event) int64 { return e.Amount },
		store.ColumnScore:      func(e *event.Event) int64 { return e.Survey.Score },
		store.ColumnScale:      func(e *event.Event) int64 { return e.Survey.Scale },
		"mappingGeneration":    func(e *event.Event) int64 { return e.MappingGeneration },
	}
	bytesOf = map[string]func(*event.Event) uint8{
		store.ColumnKind:      func(e *event.Event) uint8 { return uint8(e.Kind) },
		store.ColumnInitiator: func(e *event.Event) uint8 { return uint8(e.Initiator) },
		"timeSource":          func(e *event.Event) uint8 { return uint8(e.TimeSource) },
		store.ColumnFlags:     func(e *event.Event) uint8 { return uint8(e.Flags) },
	}
	textsOf = map[string]func(*event.Event) string{
		"id":                   func(e *event.Event) string { return e.ID },
		store.ColumnSource:     func(e *event.Event) string { return e.Source },
		store.ColumnChannel:    func(e *event.Event) string { return e.Channel },
		store.ColumnEvent:      func(e *event.Event) string { return e.Name },
		store.ColumnSessionID:  func(e *event.Event) string { return e.SessionID },
		store.ColumnOrderID:    func(e *event.Event) string { return e.OrderID },
		store.ColumnCurrency:   func(e *event.Event) string { return e.Currency },
		store.ColumnSurveyKind: func(e *event.Event) string { return e.Survey.Kind },
		store.ColumnTraits:     func(e *event.Event) string { return string(e.Traits) },
		store.ColumnGroups:     func(e *event.Event) string { return string(e.Groups) },
		store.ColumnItems:      func(e *event.Event) string { return string(e.Items) },
		store.ColumnProperties: func(e *event.Event) string { return string(e.Properties) },
		store.ColumnIdentities: func(e *event.Event) string { return event.PackIdentities(e.Identities) },
	}
)

// runOf sorts events into a run. asIs leaves its texts uncompressed.
func runOf(events []event.Event, places []place, people *persons.Table, asIs bool) *run.Run {
	anchors := make([]event.Anchor, len(events))
	for i := range events {
		anchors[i] = events[i].Anchor()
	}
	persons, version := people.PersonsOf(anchors)
	s := Unsorted(run.Wants, events, anchors, persons, func(i int) (int64, int32) { return places[i].seq, places[i].index })
	return run.Sorted(run.Columns, s, boundsOf(events, places), version, asIs)
}

// Unsorted returns the columns of events, with their anchors, persons and places, as rows to sort.
func Unsorted(wants []block.Want, events []event.Event, anchors []event.Anchor, persons []uint64, placeOf func(i int) (seq int64, index int32)) *rows.Sorter {
	s := rows.NewSorter(rows.Whole(wants))
	s.Fill(persons)
	for i, w := range wants {
		c := s.Column(i)
		switch w.Name {
		case run.Anchor:
			for _, a := range anchors {
				c.Longs = append(c.Longs, int64(a))
			}
		case store.ColumnSeq:
			for row := range events {
				seq, _ := placeOf(row)
				c.Longs = append(c.Longs, seq)
			}
		case store.ColumnIndex:
			for row := range events {
				_, index := placeOf(row)
				c.Ints = append(c.Ints, index)
			}
		case store.ColumnClass:
			fillClasses(s, i, events)
		default:
			fill(s, i, w.Name, events)
		}
	}
	return s
}

func boundsOf(events []event.Event, places []place) block.Bounds {
	b := block.NoBounds()
	for i := range events {
		e, seq := &events[i], places[i].seq
		b.With(&block.Bounds{MinSeq: seq, MaxSeq: seq, MinTime: e.Time, MaxTime: e.Time})
	}
	return b
}

// fill a column from events.
func fill(s *rows.Sorter, column int, name string, events []event.Event) {
	c := s.Column(column)
	switch {
	case longsOf[name] != nil:
		get := longsOf[name]
		for i := range events {
			c.Longs = append(c.Longs, get(&events[i]))
		}
	case bytesOf[name] != nil:
		get := bytesOf[name]
		for i := range events {
			c.Bytes = append(c.Bytes, get(&events[i]))
		}
	default:
		get := textsOf[name]
		for i := range events {
			s.AddText(column, get(&events[i]))
		}
	}
}

// fillClasses fills the column of classes.
func fillClasses(s *rows.Sorter, column int, events []event.Event) {
	texts := event.NewClassTexts()
	for i := range events {
		class := event.ClassOf(&events[i])
		s.AddText(column, texts.Text(&class))
	}
}
