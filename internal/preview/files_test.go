// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// sales are four rows. Two are equal: two of one product, scanned one after the other.
const sales = `event,time,customerId,orderId,amount,currency
Order Completed,2026-05-01T10:00:00Z,ann,,5,EUR
Order Completed,2026-05-01T10:00:00Z,ann,,5,EUR
Order Completed,2026-05-01T11:00:00Z,bob,,7,EUR
Looked,2026-05-01T12:00:00Z,eve,,,
`

// A row is recognised by its values and its number among equal rows, and not by name, position, compression or encoding of the file.
func TestRowsOfFiles(t *testing.T) {
	first := write(t, "sales.csv", sales)
	header, rows, _ := strings.Cut(sales, "\n")
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(sales)
	require.NoError(t, err)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err = w.Write([]byte(sales))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	more := "Looked,2026-05-02T12:00:00Z,eve,,,\nOrder Completed,2026-05-01T10:00:00Z,ann,,5,EUR\n"
	for name, c := range map[string]struct {
		content            string
		events, duplicates int64
	}{
		"alone":            {"", 4, 0},
		"again.csv":        {sales, 8, 4},
		"other-name.txt":   {sales, 8, 4},
		"packed.csv.gz":    {zipped.String(), 8, 4},
		"packed.csv.zst":   {string(z.EncodeAll([]byte(sales), nil)), 8, 4},
		"encoded.csv":      {encoded, 8, 4},
		"semicolons.csv":   {strings.ReplaceAll(sales, ",", ";"), 8, 4},
		"windows.csv":      {"\ufeff" + strings.ReplaceAll(sales, "\n", "\r\n"), 8, 4},
		"more-columns.csv": {strings.ReplaceAll(strings.ReplaceAll(sales, "\n", ",\n"), "currency,\n", "currency,remark\n"), 8, 4},
		"appended.csv":     {sales + more, 10, 4}, // a third equal row is a new event
		"prepended.csv":    {header + "\n" + more + rows, 10, 4},
		"backwards.csv":    {header + "\n" + backwards(rows), 8, 4},
		"overlapping.csv":  {header + "\n" + "Order Completed,2026-05-01T11:00:00Z,bob,,7,EUR\n" + more, 7, 2},
	} {
		events := []string{first}
		if c.content != "" {
			events = append(events, write(t, name, c.content))
		}
		p, err := open(t, manifests, events...)
		require.NoError(t, err, name)
		require.Equal(t, c.events, p.Filled.Events, name)
		require.Equal(t, c.duplicates, p.Filled.Duplicates, name)
		require.Contains(t, p.Filled.String(), map[bool]string{true: "duplicates, which count once", false: "4 events"}[c.duplicates > 0])
		objects, err := p.Objects(t.Context())
		require.NoError(t, err)
		require.Equal(t, c.duplicates, objects[0].Status.(*v1alpha1.JourneyMapStatus).Trace.Analysis.DuplicatesDropped, name)
		b := table(t, objects)
		require.Equal(t, c.duplicates > 0, strings.Contains(b, "duplicates left out: "), name)
	}
}

func backwards(rows string) string {
	lines := strings.SplitAfter(rows, "\n")
	var b strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		b.WriteString(lines[i])
	}
	return b.String()
}

// A source in a row that the manifests do not have is reported.
func TestSources(t *testing.T) {
	const source = `
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: till}
spec: {storeRef: {name: default}, channel: store, transport: {segment: {secretRef: {name: key}}}}
`
	events := write(t, "events.csv", "event,time,customerId,source\nLooked,2026-05-01,a,til\nLooked,2026-05-01,b,till\nLooked,2026-05-01,c,\n")
	p, err := open(t, manifests+source, events)
	require.NoError(t, err)
	require.EqualValues(t, 2, p.Filled.Events)
	require.Contains(t, p.Filled.Refusals[0].Examples[0], `events.csv:2: unknown-source: source: the manifests have no TouchpointSource "til", but till`)
	p, err = open(t, manifests, events)
	require.NoError(t, err)
	require.EqualValues(t, 3, p.Filled.Events)
	require.Contains(t, strings.Join(p.Filled.Notes, "\n"), `the column source has names that are not TouchpointSources of the manifests, so the rows count for "events": "til" (1 row), "till" (1 row)`)
}

// Events with names that are similar to that of a touchpoint are reported.
func TestSimilarNames(t *testing.T) {
	p, err := open(t, manifests, write(t, "events.csv", "event,time,customerId\norder_completed,2026-05-01,a\nLooked,2026-05-01,b\nlooked ,2026-05-01,b\nOrder Complete,2026-05-01,c\nCancelled,2026-05-01,c\n"))
	require.NoError(t, err)
	require.Equal(t, []string{
		`1 event is called "Order Complete", which nothing matches; the manifests match "Order Completed"`,
		`1 event is called "looked", which nothing matches; the manifests match "Looked"`,
		`1 event is called "order_completed", which nothing matches; the manifests match "Order Completed"`,
	}, p.Filled.Notes[len(p.Filled.Notes)-4:len(p.Filled.Notes)-1])
	require.Contains(t, p.Filled.Notes[len(p.Filled.Notes)-1], `these stages match: buy ("Order Completed"); no match in the manifests names "Cancelled" (1 event)`)
}

// An invalid line rejects only this line, wherever it is.
func TestInvalidLine(t *testing.T) {
	p, err := open(t, manifests, write(t, "events.csv", "event,time,customerId,note\nLooked,2026-05-01,a,\"two\nlines\"\nLooked,soon,b,\nLooked,2026-05-01,c\nLooked,2026-05-01,d,x\n"))
	require.NoError(t, err)
	require.EqualValues(t, 2, p.Filled.Events)
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "events.csv:4: bad-time: time: is not a time")
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "events.csv:5: bad-row: the row has 3 cells, but there are 4 columns")
	require.NoError(t, p.Filled.Err(), "half of the rows are there")
}

// Rows with a placeholder as id are recognised by their values and number, like rows without an id.
func TestPlaceholdersAreNoIDsOfRows(t *testing.T) {
	rows := "event,time,customerId,id\nLooked,2026-05-01,a,undefined\nLooked,2026-05-01,a,undefined\nLooked,2026-05-01,b,undefined\nLooked,2026-05-01,c,7\nLooked,2026-05-01,c,7\nLooked,2026-05-01,d,\nLooked,2026-05-01,d,\n"
	p, err := open(t, manifests, write(t, "events.csv", rows))
	require.NoError(t, err)
	require.EqualValues(t, 7, p.Filled.Events)
	require.EqualValues(t, 1, p.Filled.Duplicates, "the two of the id 7")
	require.EqualValues(t, 3, p.Filled.PlaceholderIDs)
	require.Contains(t, p.Filled.String(), "3 with a placeholder as their id, which is not used")

	refused, err := open(t, manifests, write(t, "events.csv", "event,time,customerId\nLooked,1899-12-30 00:00:00,a\nLooked,1970-01-01T00:00:00Z,a\nLooked,9999-12-31,a\nLooked,2026-05-01,a\nLooked,2026-05-02,a\nLooked,2026-05-03,a\n"))
	require.NoError(t, err)
	require.EqualValues(t, 3, refused.Filled.Events)
	require.Contains(t, strings.Join(refused.Filled.Lines(), "\n"), "events.csv:3: bad-time: time: is a placeholder for an unknown time")
}
