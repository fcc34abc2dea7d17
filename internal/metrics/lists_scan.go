// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// identifiedScan notes the identities of every batch before it gives it.
type identifiedScan struct {
	store.Scan
	people *identified
}

func (s *identifiedScan) Next() (arrow.RecordBatch, error) {
	batch, err := s.Scan.Next()
	if err != nil {
		return nil, err
	}
	at := batch.Schema().FieldIndices(store.ColumnIdentities)
	if len(at) != 1 {
		return nil, errIdentities
	}
	persons, isNumber := batch.Column(0).(*array.Uint64)
	identities, isText := batch.Column(at[0]).(*array.String)
	if !isNumber || !isText {
		return nil, errIdentities
	}
	for i := range int(batch.NumRows()) {
		if err := s.people.note(persons.Value(i), identities.Value(i)); err != nil {
			return nil, err
		}
	}
	return batch, nil
}

// note adds the identities of an event to those of the person.
func (p *identified) note(id uint64, text string) error {
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
	for _, x := range list {
		at, found := slices.BinarySearchFunc(who.Identities, x, event.CompareIdentities)
		switch {
		case found:
		case len(who.Identities) < MaxListed:
			who.Identities = slices.Insert(who.Identities, at, x)
		default:
			who.More = true
		}
	}
	return nil
}
