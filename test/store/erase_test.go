// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// canaries are strings of the person to be erased: identifiers, and values in their events.
var canaries = []string{"canary-customer-4711", "canary-anonymous-0815", "canary-tablet-1234", "canary-property-9999", "canary-order-5555"}

// canaryEvents returns the events of the person, and one event of another person on the same tablet.
func canaryEvents() []event.Event {
	one, two, other := makeEvent("c1", 0, 10), makeEvent("c2", 0, 10), makeEvent("o1", 0, 10)
	customer := event.Identity{Type: "customerId", Value: canaries[0]}
	anonymous := event.Identity{Type: "anonymousId", Value: canaries[1]}
	tablet := event.Identity{Type: "deviceId", Value: canaries[2]}
	one.Identities = []event.Identity{customer, anonymous, tablet}
	one.Properties = fmt.Appendf(nil, `{"id":"c1","secret":%q}`, canaries[3])
	two.Identities, two.OrderID = []event.Identity{anonymous}, canaries[4]
	other.Identities = []event.Identity{{Type: "customerId", Value: "somebody else"}, tablet}
	other.Time++
	return []event.Event{one, two, other}
}

// found returns the canaries in the files of the volume: in their bytes, and in the columns of compressed files.
func found(t *testing.T, dir string) map[string][]string {
	t.Helper()
	hits := map[string][]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".parquet") {
			content = append(content, columnsOf(t, path)...)
		}
		for _, c := range canaries {
			if bytes.Contains(content, []byte(c)) {
				hits[c] = append(hits[c], path)
			}
		}
		return nil
	})
	require.NoError(t, err)
	return hits
}

// columnsOf returns all strings in a Parquet file.
func columnsOf(t *testing.T, path string) []byte {
	t.Helper()
	f, err := file.OpenParquetFile(path, false)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	reader, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	require.NoError(t, err)
	table, err := reader.ReadTable(t.Context())
	require.NoError(t, err)
	defer table.Release()
	var all bytes.Buffer
	for i := range int(table.NumCols()) {
		for _, chunk := range table.Column(i).Data().Chunks() {
			for row := range chunk.Len() {
				fmt.Fprintln(&all, chunk.ValueStr(row))
			}
		}
	}
	return all.Bytes()
}

// Erases a person with events in sorted files and in the log, and searches all files for their data.
func TestErasedFromEveryFile(t *testing.T) {
	v := newVolume(t)
	p := v.start(t, "--compact-every", "200ms")
	c := p.client(t, v, v.keys.AdminKey)
	person := canaryEvents()
	send := func(events ...event.Event) store.Appended {
		a, err := c.Append(t.Context(), store.Batch{Source: "shop", Events: events})
		require.NoError(t, err)
		return a
	}
	send(person[0], person[2])
	send(makeBatch("x", 200, 200).Events...)
	eventually(t, "events are in sorted files", func(context.Context) error {
		if h := state(t, c); h.Files == 0 || h.UnflushedBytes > 0 {
			return fmt.Errorf("%d files, %d bytes of log", h.Files, h.UnflushedBytes)
		}
		return nil
	})
	require.NoError(t, p.stop(t))
	require.Len(t, found(t, v.data), 4, "the search finds what is there: all but the order, which is not sent yet")

	p = v.start(t)
	c = p.client(t, v, v.keys.AdminKey)
	send(person[1])
	require.Len(t, found(t, v.data), len(canaries), "the order is in the log")
	before := state(t, c)
	erased, err := c.Erase(t.Context(), event.Identity{Type: "anonymousId", Value: canaries[1]})
	require.NoError(t, err)
	require.EqualValues(t, 2, erased.Events)
	require.EqualValues(t, 3, erased.Identities)
	require.Positive(t, erased.FilesRewritten)
	require.Positive(t, erased.FilesChecked)
	require.Empty(t, found(t, v.data), "while the store runs")
	require.Equal(t, before.Events-2, state(t, c).Events)

	again := send(person...)
	require.EqualValues(t, 3, again.Duplicates+again.Erased)
	require.Empty(t, found(t, v.data), "redelivery does not bring them back")
	require.NoError(t, p.stop(t))
	require.Empty(t, found(t, v.data), "after the store has stopped")

	p = v.start(t, "--compact-every", "200ms")
	c = p.client(t, v, v.keys.AdminKey)
	fresh := canaryEvents()
	fresh[0].ID, fresh[1].ID, fresh[2].ID = "c3", "c4", "o2"
	a := send(fresh...)
	require.EqualValues(t, 2, a.Erased, "new events of an erased person are refused; the other one's is their own")
	require.EqualValues(t, before.Events-1, state(t, c).Events)
	eventually(t, "sorted", func(context.Context) error {
		if h := state(t, c); h.UnflushedBytes > 0 {
			return fmt.Errorf("%d bytes of log", h.UnflushedBytes)
		}
		return nil
	})
	require.NoError(t, p.stop(t))
	require.Empty(t, found(t, v.data))
}
