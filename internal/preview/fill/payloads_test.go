// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// payloads returns the folder of exported files with their expected events, or skips the test.
func payloads(t *testing.T) string {
	t.Helper()
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "payloads", "files")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared samples are not here: %v", err)
	}
	return dir
}

// sampleFile is one file of a sample, with its number of events, of events that earlier files have, and of rows.
type sampleFile struct {
	file                            string
	events, known, refused, dropped int64
	// said are parts of the notes and errors of rows; err is the error of the file
	said, err string
}

// wanted is an expected event of a sample.
type wanted struct {
	Event      string
	OccurredAt *time.Time
	Identity   map[string]string
	Value      *struct{ Amount, Currency string }
	Optional   bool
}

// Exported files of many systems are read correctly, or refused with a message that names the problem. If the names of columns are not enough, the
// source has mapping rules.
func TestPayloads(t *testing.T) {
	dir := payloads(t)
	for _, s := range payloadSamples {
		t.Run(s.folder+"/"+s.name, func(t *testing.T) {
			i := newImporter(t, s.source, s.options)
			for _, x := range s.exports {
				i.out = Result{}
				err := i.File(t.Context(), File{Name: filepath.Join(dir, s.folder, filepath.FromSlash(x.file))})
				if x.err != "" {
					require.ErrorContains(t, err, x.err, x.file)
					continue
				}
				require.NoError(t, err, x.file)
				said := strings.Join(i.out.Lines(), "\n")
				require.Equal(t, []int64{x.events, x.known, x.refused, x.dropped}, []int64{i.out.Events, i.out.Duplicates, i.out.Refused, i.out.Dropped}, "%s: %s", x.file, said)
				require.Contains(t, said, x.said, x.file)
			}
			if !s.compared {
				return
			}
			raw, err := os.ReadFile(filepath.Join(dir, s.folder, "expect.json"))
			require.NoError(t, err)
			var samples []struct {
				Name   string
				Expect []wanted
			}
			require.NoError(t, json.Unmarshal(raw, &samples))
			for _, sample := range samples {
				for _, w := range sample.Expect {
					maps.DeleteFunc(w.Identity, func(kind, _ string) bool { return slices.Contains(s.without, kind) })
				}
				if sample.Name == s.name {
					requireAll(t, sample.Expect, i.stored.events, s.except)
				}
			}
		})
	}
}

// requireAll requires the events of a sample by time, identities and amount. The names depend on the source.
func requireAll(t *testing.T, want []wanted, got []event.Event, except []string) {
	t.Helper()
	require.NotEmpty(t, want)
	for _, w := range want {
		if w.Optional || w.OccurredAt == nil || slices.Contains(except, w.Event) || slices.Contains(except, w.OccurredAt.Format(time.RFC3339)) {
			continue
		}
		require.True(t, slices.ContainsFunc(got, func(e event.Event) bool { return e.Time == w.OccurredAt.UnixMicro() && w.is(t, &e) }),
			"no event for %s at %s of %v", w.Event, w.OccurredAt, w.Identity)
	}
}

func (w *wanted) is(t *testing.T, e *event.Event) bool {
	t.Helper()
	for kind, id := range w.Identity {
		if !slices.Contains(e.Identities, event.Identity{Type: kind, Value: id}) {
			return false
		}
	}
	if w.Value == nil {
		return true
	}
	amount, err := value.Micros(w.Value.Amount)
	require.NoError(t, err)
	return max(e.Amount, -e.Amount) == amount && e.Currency == w.Value.Currency
}

// payloadSample is a sample, and how to read it.
type payloadSample struct {
	folder, name, source string
	options              Options
	exports              []sampleFile
	// compared requires all events of the sample, except those with some names or times. A comment says why.
	compared bool
	except   []string
	// without are types of identities that this source does not read
	without []string
}

var payloadSamples = []payloadSample{
	{
		folder: "crazyegg", name: "aggregates-are-no-events", source: manifests,
		exports: []sampleFile{
			{file: "snapshot-list-report.csv", err: "remove the lines above the header, which seems to be line 5"},
			{file: "snapshot-confetti.csv", err: "no column event, no column time, no column customerId (or another identity); columns are Segment: Referrer, Visits, Clicks"},
		},
	},
	{
		folder: "csv-pos", name: "journal-with-semicolons", source: payloadSource(tillRules), compared: true, options: Options{Text: Text{Encoding: "windows-1252"}},
		exports: []sampleFile{
			{file: "journal_2026-11-20.csv", events: 5, refused: 2, dropped: 3, said: "missing-identity"}, // and the sum of the day
			{file: "journal_2026-11-20_21.csv", events: 5, known: 3, refused: 3, said: "read as windows-1252, as requested"},
		},
	},
	{
		folder: "csv-pos", name: "not told", source: payloadSource(tillRules),
		exports: []sampleFile{{file: "journal_2026-11-20_21.csv", err: `in windows-1252`}},
	},
	{
		// The purchase of 09:33:21 has a value and no currency, so it has no amount.
		folder: "ga4", name: "daily-and-intraday", source: manifests, compared: true, except: []string{"2026-11-21T09:33:21Z"},
		exports: []sampleFile{
			{file: "events_20261119.json", events: 6},
			{file: "events_20261120.json", events: 5, refused: 1, said: "missing-identity"},
			{file: "events_intraday_20261121.json", events: 3, known: 1},
		},
	},
	{
		folder: "googlesheets", name: "sheet-of-responses", source: manifests, options: ambiguous("Survey Responded", "mdy", "Europe/Berlin"), compared: true,
		exports: []sampleFile{
			{file: "Feedback_(Responses)_-_Form_Responses_1.csv", events: 6, refused: 3, said: "month first"}, // questions are properties, because scores need rules
			{file: "Feedback_(Responses)_-_Form_Responses_1.csv", events: 6, known: 6, refused: 3},
		},
	},
	{
		folder: "googlesheets", name: "not told", source: manifests, options: ambiguous("Survey Responded", "", ""),
		exports: []sampleFile{{file: "Feedback_(Responses)_-_Form_Responses_1.csv", refused: 9, said: "has the month first, because its second number is not a month: set --dates to mdy"}},
	},
	{
		folder: "googlesheets", name: "download-of-the-form", source: payloadSource(formRules), compared: true,
		exports: []sampleFile{{file: "Feedback.csv", events: 6}, {file: "Feedback.csv", events: 6, known: 6}},
	},
	{
		folder: "hotjar", name: "survey-responses", source: payloadSource(hotjarRules), compared: true,
		exports: []sampleFile{{file: "survey-55-2026-11-21.csv", events: 4, refused: 1, dropped: 1, said: "missing-identity"}},
	},
	{
		folder: "klaviyo", name: "events-as-csv", source: payloadSource(klaviyoRules), compared: true,
		exports: []sampleFile{{file: "events_2026-11-19_2026-11-20.csv", events: 12, refused: 1, said: "missing-identity"}},
	},
	{
		folder: "matomo", name: "two-pages-while-visits-go-on", source: payloadSource(matomoRules), compared: true,
		exports: []sampleFile{{file: "visits_page1.json", events: 8}, {file: "visits_page2.json", events: 6, known: 4}},
	},
	{
		folder: "mixpanel", name: "overlapping-exports", source: manifests, compared: true,
		exports: []sampleFile{
			{file: "export_2026-11-19_2026-11-20.ndjson", events: 8, known: 1, refused: 2, said: "bad-json"},
			{file: "export_2026-11-20_2026-11-21.ndjson", events: 5, known: 3, refused: 2, said: "bad-json"},
		},
	},
	{
		// The times are local times of a project. Nothing in the file says so, and the numbers are seconds since 1970.
		folder: "mixpanel", name: "legacy-project-time-zone", source: manifests,
		exports: []sampleFile{{file: "legacy-project_2026-10-31_2026-11-02.ndjson", events: 3}},
	},
	{
		// an e-mail address among the properties of the person is a trait
		without: []string{"email"},
		folder:  "posthog", name: "jsonl-then-parquet-of-an-overlapping-interval", source: manifests, compared: true,
		exports: []sampleFile{
			{file: "events/2026-11-19T00-00-00+00-00-2026-11-21T00-00-00+00-00.jsonl.gz", events: 9},
			{file: "events/2026-11-20T00-00-00+00-00-2026-11-21T00-00-00+00-00.parquet", events: 4, known: 3},
		},
	},
	{
		// The second and third line are headers, too. Only the third one has the time zone.
		folder: "qualtrics", name: "three-header-rows", source: payloadSource(qualtricsRules),
		exports: []sampleFile{{file: "Post-purchase_November+19,+2026_15.05.csv", refused: 5, dropped: 5, said: "has no time zone"}},
	},
	{
		folder: "salesforce-marketing-cloud", name: "two-tracking-extracts", source: manifests,
		exports: []sampleFile{{file: "extract_20261119.zip", err: "the file is a ZIP archive: unpack it"}},
	},
	{
		// A cancelled order is one event here; --event names them all. Phone numbers are in columns of addresses, and a cookie in a text of notes. Rows
		// with nothing else are refused (14:10).
		without: []string{"phone", "anonymousId"},
		folder:  "shopify", name: "two-overlapping-order-exports", source: manifests, options: Options{Text: Text{Event: "Order Completed"}}, compared: true, except: []string{"Order Cancelled", "2026-11-19T14:10:00Z"},
		exports: []sampleFile{
			{file: "orders_export_1.csv", events: 6, refused: 1, said: "3 rows are further items of the orders above them"},
			{file: "orders_export_2.csv", events: 5, known: 3, refused: 1, said: "1 test order is left out"},
		},
	},
	{
		folder: "stripe", name: "payments", source: payloadSource(stripeRules), compared: true, except: []string{"Order Refunded"},
		exports: []sampleFile{{file: "unified_payments.csv", events: 5, refused: 1, dropped: 3, said: "missing-identity"}},
	},
	{
		folder: "stripe", name: "balance-itemised", source: payloadSource(stripeBalanceRules), compared: true,
		exports: []sampleFile{{
			file:   "itemized_balance_change_from_activity_2026-11-19_2026-11-21.csv", //nolint:misspell // as the vendor writes it
			events: 6, dropped: 3,
		}},
	},
	{
		folder: "zendesk", name: "two-exports-of-tickets", source: payloadSource(zendeskRules), compared: true,
		exports: []sampleFile{{file: "tickets_2026-11-19.json", events: 8, dropped: 1}, {file: "tickets_2026-11-21.json", events: 6, known: 4}},
	},
}

// ambiguous returns the options of a file whose times are ambiguous.
func ambiguous(name, dates, zone string) Options {
	text, err := ParseText("", dates, zone, name)
	if err != nil {
		panic(err) // both are valid
	}
	return Options{Text: text}
}
