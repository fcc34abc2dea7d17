// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package released

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
	"github.com/journeyman-dev/journeyman/test/released/story"
)

// owners of results in the fixtures.
var owners = []string{"JourneyMap/omnichannel-retail/uid-JourneyMap", "MetricReport/retail-kpis/uid-MetricReport"}

// expectation is everything that a store knows, except rows.
type expectation struct {
	// Health without values that depend on the machine and on the layout of files.
	Snapshot                     store.Snapshot
	ID                           string
	Events, Persons, Hubs        int64
	RefusedMerges, RefusedPublic int64
	Identities, IdentityLinks    int64
	Sources                      []store.SourceState
	Cursors                      map[string]store.Cursors
	Receipts                     []store.Receipt
	Results                      map[string][]store.Result
	Plan                         store.ErasurePlan
}

// expect reads everything that a store knows, except rows.
func expect(t *testing.T, s store.Store) expectation {
	t.Helper()
	ctx := t.Context()
	state, err := s.State(ctx)
	require.NoError(t, err)
	h := state.Health
	e := expectation{
		Snapshot: h.Snapshot, ID: h.ID, Events: h.Events, Persons: h.Persons, Hubs: h.Hubs, RefusedMerges: h.RefusedMerges, RefusedPublic: h.RefusedPublic,
		Identities: h.Identities, IdentityLinks: h.IdentityLinks, Sources: state.Sources, Cursors: map[string]store.Cursors{}, Results: map[string][]store.Result{},
	}
	for _, source := range story.Sources {
		e.Cursors[source], err = s.Cursors(ctx, source)
		require.NoError(t, err)
	}
	e.Receipts, err = s.Receipts(ctx)
	require.NoError(t, err)
	for _, owner := range owners {
		e.Results[owner], err = s.Results(ctx, owner, 0)
		require.NoError(t, err)
	}
	e.Plan, err = s.PlanErasure(ctx, store.ErasureRequest{Identities: []event.Identity{story.Later}})
	require.NoError(t, err)
	return e
}

// everyColumn returns all columns of a scan.
func everyColumn(t *testing.T) []string {
	t.Helper()
	schema, err := store.ScanSchema(nil)
	require.NoError(t, err)
	var columns []string
	for _, f := range schema.Fields() {
		columns = append(columns, f.Name)
	}
	return append(columns, store.ColumnIdentities)
}

// collect returns all rows with all columns.
func collect(t *testing.T, s store.Scanner) ([]storetest.Row, error) {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{Columns: everyColumn(t)})
	return rows, err
}

// scanned returns the rows of a scan.
func scanned(t *testing.T, s store.Scanner, r store.ScanRequest) []map[string]any {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, r)
	require.NoError(t, err)
	out := make([]map[string]any, len(rows))
	for i, r := range rows {
		out[i] = r
	}
	return out
}

// rows returns the rows of a store, one per line: those of all events with all columns, and those of sessions.
func rows(t *testing.T, s store.Scanner) (all, sessions []byte) {
	t.Helper()
	return lines(t, scanned(t, s, store.ScanRequest{Columns: everyColumn(t)})),
		lines(t, scanned(t, s, store.ScanRequest{By: "sessionId", Columns: []string{store.ColumnEvent, store.ColumnAmount}}))
}

// pinned returns the rows of the pin, which has rows that retention removed afterwards.
func pinned(t *testing.T, s store.Scanner) []byte {
	t.Helper()
	return lines(t, scanned(t, s, store.ScanRequest{Pin: story.Pin, Columns: everyColumn(t)}))
}

// without removes the rows of the person with an identity.
func without(t *testing.T, all []map[string]any, id event.Identity) (rest []map[string]any, gone int) {
	t.Helper()
	rest = slices.Clone(all)
	person := any(nil)
	for _, r := range all {
		var ids []event.Identity
		require.NoError(t, json.Unmarshal([]byte(r[store.ColumnIdentities].(string)), &ids))
		if slices.Contains(ids, id) {
			person = r[store.ColumnPerson]
		}
	}
	require.NotNil(t, person, "nobody has %v", id)
	rest = slices.DeleteFunc(rest, func(r map[string]any) bool { return r[store.ColumnPerson] == person })
	return rest, len(all) - len(rest)
}
