// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
)

// peerCase is a case from another product's tests: persons before, an operation, persons after.
type peerCase struct {
	ID     string
	Before []struct {
		DistinctIDs  []string `json:"distinct_ids"`
		IsIdentified bool     `json:"is_identified"`
	}
	Operation struct {
		Event          string
		DistinctID     string `json:"distinct_id"`
		AnonDistinctID string `json:"anon_distinct_id"`
		Alias          string
	}
	Expected struct {
		Persons []struct {
			DistinctIDs []string `json:"distinct_ids"`
		}
	}
}

// TestPeerCases runs the cases about merging. Their identifiers have no type; identified ones are customerIds here, others are anonymousIds. Cases
// about refused identifiers belong to ingestion, which refuses them.
func TestPeerCases(t *testing.T) {
	shared := os.Getenv("JOURNEYMAN_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(shared, "conformance", "ph-identity.json"))
	if err != nil {
		t.Skipf("the shared conformance cases are not here: %v", err)
	}
	var cases []peerCase
	require.NoError(t, json.Unmarshal(b, &cases))
	ran := 0
	for _, c := range cases {
		if len(c.Expected.Persons) == 0 {
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) { runPeerCase(t, c) })
	}
	require.Positive(t, ran)
}

func runPeerCase(t *testing.T, c peerCase) {
	// the operation states that its distinct_id is of a customer
	types := map[string]string{c.Operation.DistinctID: identity.Customer}
	typed := func(v, typ string) event.Identity {
		if types[v] == "" {
			types[v] = typ
		}
		return id(types[v], v)
	}
	table, seq := New(identity.NewPolicy(nil)), int64(0)
	add := func(kind event.Kind, ids ...event.Identity) {
		seq++
		e := event.Event{ID: c.ID, Source: "s", Time: seq, Kind: kind, Identities: ids}
		table.Add(seq, identity.Source{}, identity.EdgesOf(&e))
	}
	for _, p := range c.Before {
		typ := "anonymousId"
		if p.IsIdentified {
			typ = identity.Customer
		}
		for _, v := range p.DistinctIDs {
			add(event.Track, typed(v, typ))
		}
	}
	op := c.Operation
	if op.Event == "$merge_dangerously" {
		add(event.Alias, typed(op.DistinctID, identity.Customer), typed(op.Alias, identity.Customer))
	} else {
		add(event.Identify, typed(op.DistinctID, identity.Customer), typed(op.AnonDistinctID, "anonymousId"))
	}
	var want, got [][]string
	for _, p := range c.Expected.Persons {
		want = append(want, slices.Sorted(slices.Values(p.DistinctIDs)))
	}
	byPerson := map[uint64][]string{}
	view, err := table.View(0)
	require.NoError(t, err)
	for v, typ := range types {
		p := view.PersonOf(id(typ, v).Anchor())
		byPerson[p] = append(byPerson[p], v)
	}
	for _, list := range byPerson {
		slices.Sort(list)
		got = append(got, list)
	}
	slices.SortFunc(want, slices.Compare[[]string])
	slices.SortFunc(got, slices.Compare[[]string])
	require.Equal(t, want, got)
}
