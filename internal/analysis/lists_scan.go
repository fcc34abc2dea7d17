// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// identifiedScan records the identities of every batch before it returns it.
type identifiedScan struct {
	store.Scan
	people *identified
}

func (s *identifiedScan) Next() (arrow.RecordBatch, error) {
	batch, err := s.Scan.Next()
	if err != nil {
		return nil, err
	}
	persons, isNumber := batch.Column(0).(*array.Uint64)
	identities, sources := textColumn(batch, store.ColumnIdentities), textColumn(batch, store.ColumnSource)
	if !isNumber || identities == nil || sources == nil {
		return nil, errIdentities
	}
	for i := range int(batch.NumRows()) {
		if err := s.people.note(persons.Value(i), identities.Value(i), s.people.public[sources.Value(i)]); err != nil {
			return nil, err
		}
	}
	return batch, nil
}

// textColumn returns a text column by its name, or nil.
func textColumn(batch arrow.RecordBatch, name string) *array.String {
	at := batch.Schema().FieldIndices(name)
	if len(at) != 1 {
		return nil
	}
	column, _ := batch.Column(at[0]).(*array.String)
	return column
}

// note adds the identities of an event to those of the person.
func (p *identified) note(id uint64, text string, public bool) error {
	who := p.known[id]
	if who == nil {
		who = &Listed{}
		p.known[id] = who
		p.order = append(p.order, id)
	}
	var list []event.Identity
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return fmt.Errorf("%w: %w", errIdentities, err)
	}
	slices.SortFunc(list, event.CompareIdentities)
	for i, x := range list {
		// The strongest identity makes an event this person's, whoever sent it.
		if public && i > 0 {
			who.Claimed = who.with(who.Claimed, x)
		} else {
			who.Identities = who.with(who.Identities, x)
		}
	}
	return nil
}

// with adds an identity to a sorted list, unless it is already there or the list is full.
func (l *Listed) with(list []event.Identity, x event.Identity) []event.Identity {
	at, found := slices.BinarySearchFunc(list, x, event.CompareIdentities)
	switch {
	case found:
		return list
	case len(list) < MaxListed:
		return slices.Insert(list, at, x)
	}
	l.More = true
	return list
}

// settle removes the customer's own identities from the claimed ones.
func (l *Listed) settle() {
	l.Claimed = slices.DeleteFunc(l.Claimed, func(x event.Identity) bool {
		_, own := slices.BinarySearchFunc(l.Identities, x, event.CompareIdentities)
		return own
	})
}
