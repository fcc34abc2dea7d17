// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/preview/previewtest"
)

const manifests = previewtest.Manifests

// rows has three customers who look, two of whom buy, one of them after anonymous events. The last row is late enough that all windows have ended.
var rows = [][]string{
	{"event", "time", "customerId", "anonymousId", "price", "orderId", "amount", "currency"},
	{"Looked", "2026-05-01T10:00:00Z", "", "x1", "3", "", "", ""},
	{"Looked", "2026-05-01T11:00:00Z", "ann", "x1", "3.5", "", "", ""},
	{"Order Completed", "2026-05-01T12:00:00Z", "ann", "", "", "o1", "20.50", "EUR"},
	{"Looked", "2026-05-02T10:00:00Z", "bob", "", "2", "", "", ""},
	{"Order Completed", "2026-05-02T10:00:10Z", "bob", "", "", "o2", "10", "eur"},
	{"Looked", "2026-05-02T10:00:00Z", "cid", "", "9", "", "", ""},
	{"Looked", "2026-05-02T10:00:00Z", "dan", "", "1", "", "", ""},
	{"Looked", "2026-05-05T10:00:00Z", "eve", "", "1", "", "", ""},
}

func open(t *testing.T, text string, events ...string) (*Preview, error) {
	t.Helper()
	set := previewtest.Load(t, text)
	p, err := Open(context.Background(), Options{Manifests: set, Events: fill.Files(events...), Log: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Cleanup(func() { require.NoError(t, p.Close()) })
	}
	return p, err
}

var write = previewtest.Write

// table prints objects as tables.
func table(t *testing.T, objects []output.Object) string {
	t.Helper()
	printer, err := output.NewPrinter("table")
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, printer(&b, objects, nil))
	return b.String()
}

func csvFile(t *testing.T) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	require.NoError(t, w.WriteAll(rows))
	return write(t, "events.csv", b.String())
}

func ndjsonFile(t *testing.T) string {
	var b strings.Builder
	for _, row := range rows[1:] {
		object := map[string]any{}
		for i, cell := range row {
			if cell != "" {
				object[rows[0][i]] = cell
			}
		}
		if price, ok := object["price"]; ok {
			object["properties"] = map[string]any{"price": json.Number(price.(string))}
			delete(object, "price")
		}
		raw, err := json.Marshal(object)
		require.NoError(t, err)
		b.Write(append(raw, '\n'))
	}
	return write(t, "events.ndjson", b.String())
}

func parquetFile(t *testing.T) string {
	fields := []arrow.Field{}
	for _, name := range rows[0] {
		f := arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
		switch name {
		case "time":
			f.Type = arrow.FixedWidthTypes.Timestamp_us
		case "price":
			f.Type = arrow.PrimitiveTypes.Float64
		}
		fields = append(fields, f)
	}
	schema := arrow.NewSchema(fields, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell == "" {
				builder.Field(i).AppendNull()
				continue
			}
			require.NoError(t, builder.Field(i).AppendValueFromString(cell))
		}
	}
	record := builder.NewRecordBatch()
	defer record.Release()
	path := filepath.Join(t.TempDir(), "events.parquet")
	f, err := os.Create(path)
	require.NoError(t, err)
	w, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	require.NoError(t, err)
	require.NoError(t, w.Write(record))
	require.NoError(t, w.Close())
	return path
}

// All formats of files give the same numbers.
func TestForms(t *testing.T) {
	var first []output.Object
	for _, path := range []string{csvFile(t), ndjsonFile(t), parquetFile(t)} {
		p, err := open(t, manifests, path)
		require.NoError(t, err)
		require.Equal(t, fill.Result{Rows: 8, Events: 8, Newest: p.asOf.UnixMicro()}, p.Filled, path)
		objects, err := p.Objects(context.Background())
		require.NoError(t, err)
		if first == nil {
			first = objects
		}
		require.Equal(t, first, objects, path)
	}
	status := first[0].Status.(*v1alpha1.JourneyMapStatus)
	require.EqualValues(t, 3, status.Stages[0].Entered)
	require.EqualValues(t, 2, status.Stages[0].Converted)
	require.EqualValues(t, "0.3333", status.Stages[0].DropOff)
	require.Zero(t, status.Trace.Analysis.Late, "an event counts as received when it happened")
	require.Equal(t, status.Freshness.Sources[0].NewestEventTime, status.Trace.Sources[0].NewestReceivedTime)
	kpis := first[1].Status.(*v1alpha1.MetricReportStatus).KPIs
	require.EqualValues(t, "0.6667", kpis[0].Value)
	require.EqualValues(t, "15.25", kpis[1].Value)
}

func TestOutputs(t *testing.T) {
	p, err := open(t, manifests, csvFile(t))
	require.NoError(t, err)
	objects, err := p.Objects(context.Background())
	require.NoError(t, err)
	for form, want := range map[string][]string{
		"table": {"JourneyMap/shop", "3 customers, 66.7% converted", "look    3       3         2           1         33.3%", "66.7%       3", "at least 60 %   true   entries",
			"15.25 EUR   2", "events\n"},
		"json": {`"kind": "JourneyMap"`, `"dropOff": "0.3333"`},
		"yaml": {"kind: List", "  kind: MetricReport", "value: \"15.25\""},
	} {
		printer, err := output.NewPrinter(form)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, printer(&b, objects, &p.Filled))
		for _, text := range want {
			require.Contains(t, b.String(), text, form)
		}
	}
	_, err = output.NewPrinter("xml")
	require.ErrorContains(t, err, "table, json or yaml")
}

// Documents are mapped by the rules of their source.
func TestRules(t *testing.T) {
	const source = `
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: till}
spec:
  storeRef: {name: default}
  channel: store
  transport: {webhook: {unauthenticated: {}}}
  mapping:
  - when: body.type == "void"
    drop: {}
  - when: body.type == "sale"
    event: {name: '"Order Completed"', time: body.at, identities: {customerId: body.card}, amount: body.total, currency: '"EUR"', orderId: body.no}
`
	events := write(t, "till.ndjson", strings.Join([]string{
		`{"type":"sale","at":"2026-05-01T10:00:00Z","card":"c1","total":12.5,"no":"1"}`,
		`{"type":"sale","at":"2026-05-01T10:00:00Z","card":"c1","total":12.5,"no":"1"}`,
		`{"type":"void","at":"2026-05-01T10:00:00Z","card":"c1"}`,
		`{"event":"Looked","time":"2026-05-01T09:00:00Z","customerId":"c1","price":4}`,
		`{"type":"sale","at":"2026-05-01T10:00:00Z","total":1,"no":"2"}`,
	}, "\n"))
	p, err := open(t, manifests+source, events)
	require.NoError(t, err)
	require.EqualValues(t, 5, p.Filled.Rows)
	require.EqualValues(t, 3, p.Filled.Events)
	require.Zero(t, p.Filled.Duplicates, "two equal rows are two events")
	require.EqualValues(t, 1, p.Filled.Dropped)
	require.EqualValues(t, 1, p.Filled.Refused)
	require.Contains(t, p.Filled.Refusals[0].Examples[0], "till.ndjson:5: missing-identity")
	objects, err := p.Objects(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 1, objects[1].Status.(*v1alpha1.MetricReportStatus).KPIs[1].Samples, "two receipts of one order number are one order")
}

// Events of a source that the map does not name are left out.
func TestSourcesOfTheMap(t *testing.T) {
	const till = `
---
apiVersion: journeyman.dev/v1alpha1
kind: TouchpointSource
metadata: {name: till}
spec: {storeRef: {name: default}, channel: store, transport: {segment: {secretRef: {name: key}}}}
`
	named := strings.Replace(manifests, "storeRef: {name: default}\n", "storeRef: {name: default}\n  sources: [{name: web}]\n", 1)
	events := write(t, "events.ndjson", strings.Join([]string{
		`{"source":"web","event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a","price":4}`,
		`{"source":"till","event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"b","price":4}`,
		`{"source":"web","event":"Other","time":"2026-05-05T10:00:00Z","customerId":"c"}`,
	}, "\n"))
	for text, want := range map[string]int64{manifests + till + strings.ReplaceAll(till, "name: till", "name: web"): 2, named + till: 1} {
		p, err := open(t, text, events)
		require.NoError(t, err)
		objects, err := p.Objects(context.Background())
		require.NoError(t, err)
		status := objects[0].Status.(*v1alpha1.JourneyMapStatus)
		require.Equal(t, want, status.Stages[0].Entered)
		require.Len(t, status.Trace.Sources, int(want), "nor is it waited for")
	}
}

// The window of the only customer has not ended, so there are no mature numbers. The output says why.
func TestNoMatureCustomers(t *testing.T) {
	p, err := open(t, manifests, write(t, "events.csv", "event,time,customerId,price\nLooked,2026-05-01T10:00:00Z,ann,3\n"))
	require.NoError(t, err)
	objects, err := p.Objects(context.Background())
	require.NoError(t, err)
	printer, err := output.NewPrinter("table")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, printer(&out, objects, &p.Filled))
	require.Contains(t, out.String(), "no mature customers; of those whose window has not ended, 0.0% (provisional) converted")
	require.Contains(t, out.String(), "1 more entered whose window has not ended: 1 in progress, 0 already converted")
	require.Contains(t, out.String(), "No attempt is mature before ")
	require.Contains(t, out.String(), "As of 2026-05-01T10:00:00Z, entries from 2026-03-31T10:00:00Z to 2026-04-30T10:00:00Z.")
	_, err = output.Mature(objects)
	require.ErrorIs(t, err, output.ErrNothingMature)
	require.EqualError(t, err, "there are no final numbers of JourneyMap/shop, MetricReport/kpis: see above for the reason")
}

// The file has a customer on each of 60 days. Without a period in the manifests, all of them are included. With a lookback, the customers who entered
// before are counted. If the window is longer than the data, the output gives the reason.
func TestCustomersOutsideThePeriod(t *testing.T) {
	const shop = `
apiVersion: journeyman.dev/v1alpha1
kind: JourneyMap
metadata: {name: shop}
spec:
  storeRef: {name: default}
  stages:
  - name: look
    touchpoints: [{name: look, match: [{event: Looked}]}]
  - name: buy
    touchpoints: [{name: buy, match: [{event: Bought}]}]
  progression: {order: Ordered, window: %s}
  %s
`
	var rows strings.Builder
	first := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rows.WriteString("event,time,customerId\n")
	for i := range 60 {
		fmt.Fprintf(&rows, "Looked,%s,c%d\n", first.AddDate(0, 0, i).Format(time.RFC3339), i)
	}
	for name, c := range map[string]struct {
		window, analysis                string
		customers, young, before, after int64
		note                            string
	}{
		"all of the file":  {"1d", "", 59, 1, 0, 0, ""}, // one entered exactly one window before the end
		"a short lookback": {"1d", "analysis: {lookback: 10d}", 11, 1, 48, 0, ""},
		"an early asOf":    {"1d", `analysis: {asOf: "2026-03-11T12:00:00Z"}`, 10, 1, 0, 49, ""},
		"a long window":    {"90d", "", 0, 60, 0, 0, "No attempt is mature before 2026-05-30T12:00:00Z"},
		"another time": {"1d", `analysis: {range: {from: "2026-02-01T00:00:00Z", to: "2026-02-02T00:00:00Z"}}`, 0, 0, 0, 60,
			"60 customers entered after"},
	} {
		p, err := open(t, fmt.Sprintf(shop, c.window, c.analysis), write(t, "events.csv", rows.String()))
		require.NoError(t, err, name)
		objects, err := p.Objects(context.Background())
		require.NoError(t, err, name)
		status := objects[0].Status.(*v1alpha1.JourneyMapStatus)
		require.Equal(t, c.customers, status.Summary.Customers, name)
		require.Equal(t, c.young, status.Provisional.Entered, name)
		if c.before == 0 && c.after == 0 {
			require.Nil(t, status.Summary.Outside, "%s: it is known that there is nobody", name)
		} else {
			require.Equal(t, c.before, *status.Summary.Outside.Before, name)
			require.Equal(t, c.after, status.Summary.Outside.After, name)
		}
		_, err = output.Mature(objects)
		require.Equal(t, c.customers > 0, err == nil, name)
		require.Contains(t, status.Summary.Note, c.note, name)
		require.Equal(t, c.note == "", status.Summary.Note == "", name)
		require.NoError(t, p.Close())
	}
}

func TestMistakes(t *testing.T) {
	_, err := open(t, manifests, write(t, "events.txt", ""))
	require.ErrorContains(t, err, "events.txt: the file is empty")
	_, err = open(t, manifests, write(t, "events.ndjson", "{\"event\":\n"))
	require.ErrorContains(t, err, "events.ndjson:1: bad-json: invalid JSON")
	_, err = open(t, manifests, write(t, "events.ndjson", "[1]\n"))
	require.ErrorContains(t, err, "events.ndjson:1: bad-json")
	_, err = open(t, manifests, write(t, "events.csv", "event,time,customerId\n"))
	require.ErrorContains(t, err, "there is no row")
	_, err = open(t, manifests, write(t, "events.csv", "event,when,customerId\nView,2026-05-01T00:00:00Z,c\n"))
	require.ErrorContains(t, err, "no column time; columns are event, when, customerId")
	_, err = open(t, manifests, write(t, "events.ndjson", `{"event":"View","when":"2026-05-01T00:00:00Z","customerId":"c"}`))
	require.ErrorContains(t, err, "1 of 1 rows refused")
	require.ErrorContains(t, err, "there is no field time; fields are customerId, event, when")
	report := manifests[strings.Index(manifests, "---"):]
	_, err = open(t, report, csvFile(t))
	require.ErrorContains(t, err, "no JourneyMap")
}

func TestRefusedRows(t *testing.T) {
	p, err := open(t, manifests, write(t, "events.ndjson", strings.Join([]string{
		`{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a"}`,
		`{"event":"Looked","time":"yesterday","customerId":"a"}`,
		`{"event":"Looked","time":"2026-05-01T10:00:00Z"}`,
		`{"time":"2026-05-01T10:00:00Z","customerId":"a"}`,
		`{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a","amount":5}`,
		`{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a","kind":"page"}`,
		`{"event":"Answered","time":"2026-05-01T10:00:00Z","customerId":"a","survey.kind":"nps","survey.score":11}`,
	}, "\n")))
	require.NoError(t, err)
	require.EqualValues(t, 1, p.Filled.Events)
	require.EqualValues(t, 6, p.Filled.Refused)
	require.Equal(t, "bad-time", p.Filled.Refusals[0].Reason)
	shown := strings.Join(p.Filled.Lines(), "\n")
	for _, want := range []string{
		"2: bad-time: time", "3: missing-identity", "4: missing-event-name", "5: bad-amount: currency", "6: mapping-error: kind", "7: mapping-error: survey",
	} {
		require.Contains(t, shown, "events.ndjson:"+want)
	}
	require.ErrorContains(t, p.Filled.Err(), "6 of 7")
	require.Equal(t, "7 rows, 1 event, 6 refused", p.Filled.String())
	require.Equal(t, time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), p.AsOf())
}
