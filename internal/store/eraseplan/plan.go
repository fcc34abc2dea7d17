// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package eraseplan computes what an erasure will remove, for every store that can be scanned and has an identity table.
package eraseplan

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Plan is an erasure plan with its anchors.
type Plan struct {
	store.ErasurePlan
	// Anchors of all identities to remove.
	Anchors map[event.Anchor]bool
	// Asked are the requested identities that the store knows.
	Asked []event.Identity
}

// Make computes what the request will remove. The digest uses the key.
func Make(ctx context.Context, s store.Scanner, t *persons.Table, r store.ErasureRequest, key []byte) (*Plan, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	p := &Plan{Anchors: map[event.Anchor]bool{}}
	asked := map[event.Anchor]bool{}
	for _, id := range r.Identities {
		a := id.Anchor()
		asked[a] = true
		if !t.Knows(a) {
			continue
		}
		p.Asked = append(p.Asked, id)
		if r.IdentityOnly {
			p.Anchors[a] = true
			continue
		}
		for _, m := range t.Members(a) {
			p.Anchors[m] = true
		}
	}
	p.IdentityVersion = t.Version()
	p.Digest = digest(p.Anchors, r.IdentityOnly, key)
	if len(p.Anchors) == 0 {
		return p, nil
	}
	values, err := p.look(ctx, s, t)
	if err != nil {
		return nil, err
	}
	p.describe(t, asked, values)
	return p, nil
}

// digest returns the digest of the identities to remove.
func digest(anchors map[event.Anchor]bool, alone bool, key []byte) string {
	sorted := make([]event.Anchor, 0, len(anchors))
	for a := range anchors {
		sorted = append(sorted, a)
	}
	slices.Sort(sorted)
	mac := hmac.New(sha256.New, key)
	_ = binary.Write(mac, binary.BigEndian, alone) // a hash accepts everything
	for _, a := range sorted {
		_ = binary.Write(mac, binary.BigEndian, uint64(a))
	}
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

// look counts the events by source, and returns the values of the identities, which are only in the events.
func (p *Plan) look(ctx context.Context, s store.Scanner, t *persons.Table) (map[event.Anchor]event.Identity, error) {
	persons := map[uint64]bool{}
	for a := range p.Anchors {
		numbers, _ := t.PersonsOf([]event.Anchor{a})
		persons[numbers[0]] = true
	}
	p.BySource = map[string]int64{}
	values := map[event.Anchor]event.Identity{}
	scan, err := s.Scan(ctx, store.ScanRequest{Columns: []string{store.ColumnSource, store.ColumnIdentities}})
	if err != nil {
		return nil, err
	}
	for {
		batch, err := scan.Next()
		if errors.Is(err, io.EOF) {
			return values, scan.Close()
		}
		if err == nil {
			err = p.count(batch, persons, values)
		}
		if err != nil {
			return nil, errors.Join(err, scan.Close())
		}
	}
}

func (p *Plan) count(batch arrow.RecordBatch, persons map[uint64]bool, values map[event.Anchor]event.Identity) error {
	column := func(name string) arrow.Array { return batch.Column(batch.Schema().FieldIndices(name)[0]) }
	numbers, ok := column(store.ColumnPerson).(*array.Uint64)
	sources, isText := column(store.ColumnSource).(*array.String)
	lists, isList := column(store.ColumnIdentities).(*array.String)
	if !ok || !isText || !isList {
		return fmt.Errorf("%w: the scan has different columns from those requested", store.ErrUnavailable)
	}
	for i := range int(batch.NumRows()) {
		if !persons[numbers.Value(i)] {
			continue
		}
		var ids []event.Identity
		if err := json.Unmarshal([]byte(lists.Value(i)), &ids); err != nil {
			return fmt.Errorf("%w: identities of an event: %w", store.ErrUnavailable, err)
		}
		for _, id := range ids {
			values[id.Anchor()] = id
		}
		if len(ids) > 0 && p.Anchors[slices.MinFunc(ids, event.CompareIdentities).Anchor()] {
			// The text is valid only until the next batch.
			p.BySource[strings.Clone(sources.Value(i))]++
			p.Events++
		}
	}
	return nil
}

// describe lists identities and links, the strongest first.
func (p *Plan) describe(t *persons.Table, asked map[event.Anchor]bool, values map[event.Anchor]event.Identity) {
	nodes, ties := t.Explain(p.Anchors)
	place := map[event.Anchor]int{}
	trusted := map[event.Anchor]bool{}
	for i, n := range nodes {
		place[n.Anchor] = i
		p.Identities = append(p.Identities, store.PlannedIdentity{
			Identity: event.Identity{Type: n.Type, Value: values[n.Anchor].Value}, Asked: asked[n.Anchor],
		})
	}
	linked := map[event.Anchor]bool{}
	for _, tie := range ties {
		p.Links = append(p.Links, store.PlannedLink{
			A: place[tie.A], B: place[tie.B], Sources: tie.Sources, Time: tie.Time, Public: tie.Public,
		})
		for _, a := range []event.Anchor{tie.A, tie.B} {
			linked[a] = true
			trusted[a] = trusted[a] || !tie.Public
		}
	}
	for i, n := range nodes {
		p.Identities[i].PublicOnly = linked[n.Anchor] && !trusted[n.Anchor] && !identity.Names(n.Type)
	}
}

// Hash returns the keyed hash of an identity for a receipt.
func Hash(id event.Identity, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("receipt\x00" + id.Type + "\x00" + id.Value))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

// Confirm returns an error that wraps store.ErrInvalid if the plan must not be carried out, because nobody is known, or because it differs from the
// one that was shown.
func (p *Plan) Confirm(r *store.ErasureRequest) error {
	switch {
	case len(p.Anchors) == 0:
		return fmt.Errorf("%w: the store knows no such %s. %s", store.ErrInvalid, r.Identities[0].Type, store.HashedHint)
	case r.Digest != p.Digest:
		// The digest of the current plan is only for somebody who has seen it.
		return fmt.Errorf("%w: the confirmed plan is out of date: identities were added or removed. Make a new plan", store.ErrInvalid)
	}
	return nil
}

// Receipt returns the receipt of the plan that was carried out.
func (p *Plan) Receipt(r *store.ErasureRequest, done store.Erased, at int64, key []byte) store.Receipt {
	receipt := store.Receipt{At: at, Digest: p.Digest, IdentityOnly: r.IdentityOnly, Erased: done, BySource: p.BySource}
	for _, id := range p.Asked {
		receipt.Asked = append(receipt.Asked, Hash(id, key))
	}
	return receipt
}

// ReceiptOf returns the receipt of the plan that the request confirms, if it was already carried out and contains one of the request's identities.
func ReceiptOf(list []store.Receipt, r *store.ErasureRequest, key []byte) *store.Receipt {
	for i := len(list) - 1; i >= 0; i-- {
		if r.Digest == "" || list[i].Digest != r.Digest || list[i].IdentityOnly != r.IdentityOnly {
			continue
		}
		if slices.ContainsFunc(r.Identities, func(id event.Identity) bool { return slices.Contains(list[i].Asked, Hash(id, key)) }) {
			return &list[i]
		}
	}
	return nil
}

// Anchors returns the anchors of identities.
func Anchors(ids []event.Identity) []event.Anchor {
	list := make([]event.Anchor, len(ids))
	for i, id := range ids {
		list[i] = id.Anchor()
	}
	return list
}

// Add adds the erasure of one of several persons.
func Add(sum *store.Erased, done store.Erased) {
	sum.Identities += done.Identities
	sum.Events += done.Events
	sum.FilesRewritten += done.FilesRewritten
	sum.FilesChecked += done.FilesChecked
	sum.IdentityVersion = done.IdentityVersion
}
