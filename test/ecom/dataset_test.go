// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ecom runs the analysis job on a published clickstream, and requires the published numbers.
package ecom

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

const source = "shop"

// shared returns the folder of shared inputs, or skips the test.
func shared(t testing.TB, path string) string {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	file := filepath.Join(root, path)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared inputs: %s is absent (set JOURNEYMAN_SHARED)", file)
	}
	return file
}

// load reads the clickstream in the order of the file. identities returns the identities of the event in a row.
func load(t testing.TB, identities func(user, session string) []event.Identity) []event.Event {
	f, err := os.Open(shared(t, "datasets/ecom-retentioneering/ecom.csv.gz"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	records, err := csv.NewReader(unzipped).ReadAll()
	require.NoError(t, err)
	var out []event.Event
	for i, r := range records[1:] {
		at, err := time.Parse(time.DateTime, r[3])
		require.NoError(t, err)
		properties, err := json.Marshal(map[string]string{
			"platform": r[4], "acquisition_channel": r[5], "user_cohort": r[6], "user_lifecycle": r[7],
		})
		require.NoError(t, err)
		out = append(out, event.Event{
			ID: fmt.Sprint("row-", i), Source: source, Channel: "web", Name: r[2],
			Time: at.UnixMicro(), ReceivedAt: at.UnixMicro(),
			Identities: identities(r[0], r[1]), SessionID: r[1], Properties: properties,
		})
	}
	require.Len(t, out, 31_106, "the published number of events")
	return out
}

func byUser(user, _ string) []event.Identity {
	return []event.Identity{{Type: "customerId", Value: user}}
}

// appendAll appends the events in batches.
func appendAll(t testing.TB, s store.Appender, events []event.Event, batch int) {
	for len(events) > 0 {
		n := min(batch, len(events))
		_, err := s.Append(context.Background(), store.Batch{Source: source, Events: events[:n]})
		require.NoError(t, err)
		events = events[n:]
	}
}
