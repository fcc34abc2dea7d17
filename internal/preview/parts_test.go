// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/preview/output"
)

// If most rows of one of several files, or of one of the sources of a file, are refused, the preview is an error. Otherwise, the rows of the others
// would hide that their events are missing.
func TestMostlyRefusedFilesAreErrors(t *testing.T) {
	web := write(t, "web.csv", "event,time,customerId\nLooked,2026-05-01T10:00:00Z,a\nLooked,2026-05-01T10:00:00Z,b\nLooked,2026-05-01T10:00:00Z,c\n")
	shop := write(t, "orders.csv", "Email,Created,Total,Currency\na@shop.example,2026-05-01 11:00:00,5,EUR\n")
	p, err := openFiles(t, threeSources, "web="+web, "shop="+shop)
	require.NoError(t, err)
	require.ErrorContains(t, p.Filled.Err(), "most rows of "+shop+" were refused, 1 of 1: the numbers are those of the rest")
	require.ErrorContains(t, p.Filled.Err(), "most rows for the source shop were refused, 1 of 1")

	mixed := write(t, "mixed.csv", "event,time,customerId,source\nLooked,2026-05-01T10:00:00Z,a,web\nLooked,2026-05-01T10:00:00Z,b,web\nLooked,2026-05-01,,tills\n")
	p, err = openFiles(t, threeSources, mixed)
	require.NoError(t, err)
	require.EqualError(t, p.Filled.Err(), "most rows for the source tills were refused, 1 of 1: the numbers are those of the rest")

	p, err = openFiles(t, threeSources, "web="+web)
	require.NoError(t, err)
	require.NoError(t, p.Filled.Err())
}

// Stages without any event are reported, and events that match nothing.
func TestStagesWithoutEvents(t *testing.T) {
	events := write(t, "web.csv", "event,time,customerId\nLooked,2026-05-01T10:00:00Z,a\npurchase,2026-05-01T11:00:00Z,a\npurchase,2026-05-01T11:00:00Z,b\nscroll,2026-05-01T11:00:00Z,b\n")
	p, err := openFiles(t, manifests, events)
	require.NoError(t, err)
	require.Contains(t, p.Filled.Notes, `JourneyMap shop: no event of the files is called what these stages match: buy ("Order Completed"); no match in the manifests names `+
		`"purchase" (2 events), "scroll" (1 event)`)
	all := write(t, "all.csv", "event,time,customerId\nLooked,2026-05-01T10:00:00Z,a\nOrder Completed,2026-05-01T11:00:00Z,a\n")
	p, err = openFiles(t, manifests, all)
	require.NoError(t, err)
	require.Empty(t, p.Filled.Notes)
}

// A file can be read for a source that the manifests do not have, with a note.
func TestFileOfAnUnknownSource(t *testing.T) {
	events := write(t, "all.csv", "event,time,customerId,price\nLooked,2026-05-01T10:00:00Z,a,3\nOrder Completed,2026-05-01T11:00:00Z,a,\nLooked,2026-05-05T10:00:00Z,b,3\n")
	p, err := openFiles(t, manifests, "web="+events)
	require.NoError(t, err)
	require.Equal(t, []string{`the manifests have no TouchpointSource, so the rows for "web" are read in the plain form`}, p.Filled.Notes)
	objects, err := p.Objects(t.Context())
	require.NoError(t, err)
	_, err = output.Mature(objects)
	require.NoError(t, err, "the events of such a source count")
}

// Negative amounts other than refunds and invalid currencies are reported.
func TestUnusableAmountsAreReported(t *testing.T) {
	events := write(t, "tills.csv", "event,time,customerId,orderId,amount,currency\nLooked,2026-05-01T10:00:00Z,a,,,\n"+
		"Order Completed,2026-05-01T11:00:00Z,a,1,-30,EUR\nOrder Completed,2026-05-01T11:00:00Z,a,2,30,BTC\nOrder Completed,2026-05-01T11:00:00Z,a,3,30,XXX\n"+
		"Order Completed,2026-05-01T11:00:00Z,a,4,,\nRefund,2026-05-01T12:00:00Z,a,1,-30,EUR\nOrder Refunded,2026-05-01T12:00:00Z,a,1,-30,EUR\n"+
		"Order Completed,2026-05-01T11:00:00Z,a,5,30,SLE\n")
	p, err := openFiles(t, manifests, events)
	require.NoError(t, err)
	for _, want := range []string{
		`1 event called "Refund" has an amount below zero, which no sum of money counts: what takes money back is called "Order Refunded", and names the order`,
		`1 event called "Order Completed" has an amount below zero, which no sum of money counts: what takes money back is called "Order Refunded", and names the order`,
		"1 amount is in BTC, which is not a currency of ISO 4217", "1 amount is in XXX, by which ISO 4217 says that it is no currency",
	} {
		require.Contains(t, p.Filled.Notes, want)
	}
	objects, err := p.Objects(t.Context())
	require.NoError(t, err)
	out := table(t, objects)
	require.Contains(t, out, "no value: no order has an amount in EUR", "nothing is left of it")
}
