// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/packed"
)

// rowRun is some rows in memory, sorted by the persons of a version of the identity table. It never changes.
type rowRun struct {
	*packed.Run
	block.Bounds
	version int64
	known   atomic.Pointer[placed]
}

// anchorColumn says in runs of the tail and in sorted files to whom a row belongs.
const anchorColumn = "anchor"

// tailSchema is the event's, behind its anchor and place.
var tailSchema = arrow.NewSchema(append([]arrow.Field{
	{Name: anchorColumn, Type: arrow.PrimitiveTypes.Uint64},
	{Name: store.ColumnSeq, Type: arrow.PrimitiveTypes.Int64},
	{Name: store.ColumnIndex, Type: arrow.PrimitiveTypes.Int32},
}, event.Schema.Fields()...), nil)

// tailColumns are those of tailSchema as runs of the tail have them, and the class. Identities are there as pairsOf gives them.
var tailColumns = func() []packed.Column {
	kinds := map[arrow.Type]block.Kind{
		arrow.UINT64: block.Long, arrow.INT64: block.Long, arrow.INT32: block.Int, arrow.UINT8: block.Byte,
		arrow.STRING: block.Text, arrow.LIST: block.Text,
	}
	var list []packed.Column
	for _, f := range tailSchema.Fields() {
		list = append(list, packed.Column{Name: f.Name, Kind: kinds[f.Type.ID()], Few: slices.Contains(fewTexts, f.Name)})
	}
	return append(list, packed.Column{Name: store.ColumnClass, Kind: block.Text, Few: true})
}()

// tailWants asks for all columns of the tail.
var tailWants = wantsOf(tailColumns)

func wantsOf(columns []packed.Column) []block.Want {
	var list []block.Want
	for _, c := range columns {
		list = append(list, block.Want{Name: c.Name, Kind: c.Kind})
	}
	return list
}

// runOf sorts events into a run; asIs leaves its texts uncompressed.
func runOf(events []event.Event, places []place, people *identity.Table, asIs bool) *rowRun {
	anchors := make([]event.Anchor, len(events))
	for i := range events {
		anchors[i] = events[i].Anchor()
	}
	persons, version := people.PersonsOf(anchors)
	p := newWholePlan(tailWants)
	fresh := newFreshRows(p)
	fresh.persons = persons
	fresh.grow(len(events))
	for i, w := range tailWants {
		c := &fresh.columns[i]
		switch w.Name {
		case anchorColumn:
			for _, a := range anchors {
				c.Longs = append(c.Longs, int64(a))
			}
		case store.ColumnSeq:
			for _, at := range places {
				c.Longs = append(c.Longs, at.seq)
			}
		case store.ColumnIndex:
			for _, at := range places {
				c.Ints = append(c.Ints, at.index)
			}
		case store.ColumnClass:
			fresh.addClasses(i, events)
		default:
			fresh.addEvents(i, w.Name, events)
		}
	}
	run := &rowRun{Bounds: boundsOf(events, places), version: version}
	rows := fresh.sort()
	b := packed.NewBuilder(tailColumns, anchorColumn)
	b.AsIs = asIs
	b.Add(rows, 0, 0, rows.Rows)
	run.Run = b.Run()
	return run
}

func boundsOf(events []event.Event, places []place) block.Bounds {
	b := block.NoBounds()
	for i := range events {
		e, seq := &events[i], places[i].seq
		b.With(&block.Bounds{MinSeq: seq, MaxSeq: seq, MinTime: e.Time, MaxTime: e.Time})
	}
	return b
}

// placedAt gives the anchors of the run whose person at a version is another one than in the run. The newest answer is kept: the shards
// of an analysis ask for the same.
func (r *rowRun) placedAt(view *identity.View) *placed {
	if r.version == view.Version() {
		return newPlaced(r.version, nil, 0)
	}
	if known := r.known.Load(); known != nil && known.version == view.Version() {
		return known
	}
	found, rows := map[uint64]uint64{}, int64(0)
	for i := range r.Blocks() {
		persons, anchors := r.Anchors(i)
		before := int32(0)
		eachRun(persons, anchors, func(person, anchor uint64, end int32) {
			if view.PersonOf(event.Anchor(anchor)) != person {
				found[anchor] = person
				rows += int64(end - before)
			}
			before = end
		})
	}
	next := newPlaced(view.Version(), found, rows)
	r.known.Store(next)
	return next
}
