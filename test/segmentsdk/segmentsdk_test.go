// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package segmentsdk sends events with Segment's own, unmodified SDK to an ingestion process, and checks the store.
package segmentsdk

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/sdk"
)

const (
	visits   = 10
	writeKey = "sdk-write-key"
)

func TestUnmodifiedSDK(t *testing.T) {
	dir := sdk.Install(t, "send.cjs")
	ingest := sdk.Start(t, v1alpha1.TouchpointSourceSpec{Channel: "web", Transport: v1alpha1.Transport{
		Segment: &v1alpha1.SegmentTransport{SecretRef: v1alpha1.SecretKeyReference{Name: "keys"}},
	}}, writeKey)
	var said struct{ Errors []string }
	sdk.Node(t, dir, &said, "send.cjs", ingest.URL, writeKey, "10")
	require.Empty(t, said.Errors, "the SDK reports no event as failed")
	ingest.Stop()

	state, err := ingest.Store.State(t.Context())
	require.NoError(t, err)
	require.Len(t, state.Sources, 1)
	require.Equal(t, int64(6*visits), state.Sources[0].Counters.Accepted)
	require.Empty(t, state.Sources[0].Counters.Rejected)
	events, persons := scan(t, ingest.Store)
	require.Equal(t, map[string]int{
		"Page Viewed": visits, "Product Viewed": visits, "Identified": visits, "Order Completed": visits, "Identities Merged": visits, "Group Joined": visits,
	}, events)
	require.Equal(t, visits, persons, "each visitor is one person, before and after the identify call")
}

// scan returns the number of events in the store by name, and the number of persons.
func scan(t *testing.T, s store.Scanner) (map[string]int, int) {
	t.Helper()
	events, persons := map[string]int{}, map[uint64]bool{}
	rows, err := s.Scan(t.Context(), store.ScanRequest{Columns: []string{store.ColumnEvent, store.ColumnAmount}})
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return events, len(persons)
		}
		require.NoError(t, err)
		person := batch.Column(0).(*array.Uint64)
		name := batch.Column(4).(*array.String)
		amount := batch.Column(5).(*array.Int64)
		for i := range int(batch.NumRows()) {
			events[strings.Clone(name.Value(i))]++
			persons[person.Value(i)] = true
			if name.Value(i) == "Order Completed" {
				require.Equal(t, int64(129_900_000), amount.Value(i))
			}
		}
	}
}
