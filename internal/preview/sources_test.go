// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

// threeSources are the sources of three tools. One has mapping rules.
const threeSources = manifests + `
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: web}
spec: {storeRef: {name: default}, channel: web, transport: {cloudEvents: {secretRef: {name: token}}}}
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: tills}
spec: {storeRef: {name: default}, channel: store, transport: {cloudEvents: {secretRef: {name: token}}}}
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: shop}
spec:
  storeRef: {name: default}
  channel: web
  transport: {webhook: {unauthenticated: {}}}
  mapping:
  - event: {name: "'Order Completed'", time: body.Created, identities: {email: body.Email}}
`

// threeFiles are the exports of three tools.
func threeFiles(t *testing.T) (web, shop, tills string) {
	return write(t, "web.csv", "event,time,user_id\nLooked,2026-05-01T10:00:00Z,a\n"),
		write(t, "orders.csv", "Email,Created,Total,Currency\na@shop.example,2026-05-01T11:00:00Z,5,EUR\n"),
		write(t, "tills.csv", "event,time,customer_id\nOrder Completed,2026-05-02T10:00:00Z,a\nOrder Completed,2026-05-05T10:00:00Z,a\n")
}

func openFiles(t *testing.T, text string, events ...string) (*Preview, error) {
	t.Helper()
	set := previewtest.Load(t, text)
	p, err := Open(t.Context(), Options{Manifests: set, Events: fill.Files(events...), Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, p.Close()) })
	}
	return p, err
}

// The exports of three tools are read unchanged, each for its own source.
func TestFilesOfSources(t *testing.T) {
	text := threeSources
	web, shop, tills := threeFiles(t)
	p, err := openFiles(t, text, "web="+web, "shop="+shop, "tills="+tills)
	require.NoError(t, err)
	require.EqualValues(t, 4, p.Filled.Events)
	require.Zero(t, p.Filled.Refused, p.Filled.Lines())
	for _, note := range p.Filled.Notes {
		require.NotContains(t, note, "orders.csv: read", "rules read it, and nothing was taken for anything")
	}
	require.Contains(t, p.Filled.Notes, "web.csv: read user_id as customerId")
	_, err = openFiles(t, text, "webb="+web)
	require.ErrorContains(t, err, `the manifests have no TouchpointSource "webb", but shop, tills, web`)
	odd := filepath.Join(t.TempDir(), "events")
	t.Chdir(filepath.Dir(odd))
	require.NoError(t, os.WriteFile("day=1.csv", []byte("event,time,user_id,Source\nLooked,2026-05-01,a,web\nLooked,2026-05-05,a,web\n"), 0o600))
	p, err = openFiles(t, text, "day=1.csv")
	require.NoError(t, err, "a file of that name is no source; and a column Source, which is said to be read as the source, is")
	require.EqualValues(t, 2, p.Filled.Events)
}

// Each file with rejected rows is named.
func TestRefusalsByFile(t *testing.T) {
	const rows = "event,time,customerId\nLooked,2026-05-01,a\nLooked,soon,a\nLooked,soon,a\nLooked,soon,a\nLooked,soon,a\n"
	first, second := write(t, "one.csv", rows), write(t, "two.csv", rows)
	p, err := openFiles(t, manifests, first, second)
	require.NoError(t, err)
	said := strings.Join(p.Filled.Lines(), "\n")
	for _, want := range []string{"one.csv:5: bad-time", "two.csv:5: bad-time", "(and 1 more of this kind)"} {
		require.Contains(t, said, want)
	}
	require.Len(t, p.Filled.Refusals, 2)
	require.Equal(t, second, p.Filled.Refusals[1].File)
}

// Columns that look like money but are in no sum are reported.
func TestUnusedMoney(t *testing.T) {
	p, err := openFiles(t, manifests, write(t, "orders.csv", "event,time,customerId,Total,Currency,Refunded Amount,Discount Code,revenue\n"+
		"Order Completed,2026-05-01,a,5,EUR,5,x,4\nOrder Completed,2026-05-02,a,,,,,\nLooked,2026-05-03,a,,,,,\n"))
	require.NoError(t, err)
	said := strings.Join(p.Filled.Notes, "\n")
	require.Contains(t, said, `1 of 2 events named "Order Completed" has no amount, and counts in no sum of money`)
	require.Contains(t, said, "the amount is revenue alone; Total, Refunded Amount are properties, and no refund or discount is read: use mapping rules for that")
	require.NotContains(t, said, `"Looked"`)
}

// The rule in the docs creates the refunds that the docs promise.
func TestRefundsOfATable(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "preview.md"))
	require.NoError(t, err)
	_, rule, found := strings.Cut(string(page), "```yaml\nmapping:\n- forEach:")
	require.True(t, found)
	rule, _, _ = strings.Cut("- forEach:"+rule, "```")
	before, _, _ := strings.Cut(threeSources, "  - event: {name: \"'Order Completed'\"")
	text := before + "  " + strings.ReplaceAll(strings.TrimSpace(rule), "\n", "\n  ") + "\n"
	p, err := openFiles(t, text, "shop="+write(t, "orders.csv", "Name,Email,Created at,Currency,Total,Refunded Amount,Lineitem name\n"+
		"#1,a@shop.example,2026-05-01T10:00:00Z,EUR,30.00,10.00,Mug\n#1,a@shop.example,2026-05-01T10:00:00Z,,,,Cup\n"+
		"#2,b@shop.example,2026-05-03T10:00:00Z,EUR,20.00,0.00,Mug\n"))
	require.NoError(t, err)
	require.Zero(t, p.Filled.Refused, p.Filled.Lines())
	require.EqualValues(t, 3, p.Filled.Events)
	objects, err := p.Objects(t.Context())
	require.NoError(t, err)
	for _, k := range objects[1].Status.(*v1alpha1.MetricReportStatus).KPIs {
		if k.Name == "order-value" {
			require.Equal(t, "20.00", string(k.Value), "(30 - 10 + 20) / 2")
			require.EqualValues(t, 2, k.Samples)
		}
	}
}

// Two trusted sources report one order, simultaneously or not. The order of files does not matter.
func TestOrderOfFilesDoesNotMatter(t *testing.T) {
	const header = "event,time,user_id,order_id,amount,currency\n"
	const visit = "Looked,2026-05-05T09:00:00Z,a,,,\n"
	value := func(files ...string) string {
		p, err := openFiles(t, threeSources, files...)
		require.NoError(t, err)
		objects, err := p.Objects(t.Context())
		require.NoError(t, err)
		return string(objects[1].Status.(*v1alpha1.MetricReportStatus).KPIs[1].Value)
	}
	for _, later := range []string{"10:00:00", "10:00:01"} {
		first := "web=" + write(t, "one.csv", header+visit+"Order Completed,2026-05-01T10:00:00Z,a,77,100.01,EUR\n")
		second := "tills=" + write(t, "two.csv", header+visit+"Order Completed,2026-05-01T"+later+"Z,a,77,200.00,EUR\n")
		want := value(first, second)
		require.Equal(t, want, value(second, first), later)
		if later == "10:00:01" {
			require.Equal(t, "100.01", want, "what happened first counts as received first")
		}
	}
}

// The error about an unknown source lists the existing ones, and the other forms of the flag.
func TestUnknownSourceOfAFile(t *testing.T) {
	_, err := openFiles(t, threeSources, "zone=a.csv")
	require.ErrorContains(t, err, `no TouchpointSource "zone", but shop, tills, web; for a single file you can set encoding=, dates=, time-zone= or event=`)
}
