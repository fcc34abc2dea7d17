// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/draft"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview"
	"github.com/journeyman-dev/journeyman/internal/preview/fill"
	"github.com/journeyman-dev/journeyman/internal/preview/review"
	"github.com/journeyman-dev/journeyman/test/draws"
)

var now = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// drafted is a draft of files, which the code of a preview has accepted.
type drafted struct {
	text    string
	set     *manifest.Set
	preview *preview.Preview
}

func (d *drafted) event() *v1alpha1.EventMapping { return d.set.Sources[0].Spec.Mapping[0].Event }

// stages are the events of the stages.
func (d *drafted) stages() (out []string) {
	for _, s := range d.set.Maps[0].Spec.Stages {
		out = append(out, s.Touchpoints[0].Match[0].Event)
	}
	return out
}

// make drafts manifests, checks them as the API server and the operator do, and computes them from the same files.
func makeDraft(t require.TestingT, dir string, change func(*draft.Options), contents ...string) (*drafted, error) {
	o := draft.Options{Name: "journey", Store: "default", Channel: "web", Now: now}
	for i, c := range contents {
		path := filepath.Join(dir, fmt.Sprintf("file%d.txt", i))
		require.NoError(t, os.WriteFile(path, []byte(c), 0o600))
		o.Events = append(o.Events, fill.Files(path)...)
	}
	if change != nil {
		change(&o)
	}
	made, err := draft.New(ctx(t), o)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	require.NoError(t, made.Write(&out))
	d := &drafted{text: out.String()}
	d.set, err = manifest.Load(ctx(t), []string{"-"}, strings.NewReader(d.text))
	require.NoError(t, err, d.text)
	require.NoError(t, review.Check(d.set), d.text)
	if made.Err() != nil {
		return d, made.Err()
	}
	var events []fill.File
	for i, s := range d.set.Sources {
		events = append(events, o.Events[i].Of(s.Name))
	}
	d.preview, err = preview.Open(ctx(t), preview.Options{Manifests: d.set, Events: events, Text: o.Text, Now: now, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err, d.text)
	defer func() { require.NoError(t, d.preview.Close()) }()
	_, err = d.preview.Objects(ctx(t))
	require.NoError(t, err, d.text)
	require.Equal(t, made.Filled.Events, d.preview.Filled.Events)
	return d, nil
}

func must(t *testing.T, change func(*draft.Options), contents ...string) *drafted {
	t.Helper()
	d, err := makeDraft(t, t.TempDir(), change, contents...)
	require.NoError(t, err)
	require.Zero(t, d.preview.Filled.Refused, d.preview.Filled.Lines())
	return d
}

// journeys writes rows of five customers who view, add and order, with a line for each event.
func journeys(header string, row func(customer, step int, event string) string) string {
	out := header
	for c := range 5 {
		for step, event := range []string{"Product Viewed", "Product Added", "Order Completed"}[:1+min(2, c)] {
			out += row(c, step, event) + "\n"
		}
	}
	return out
}

// at is the time of a step.
func at(customer, step int) time.Time {
	return time.Date(2026, 5, 13+customer, 8+step, 10, 30, 0, time.UTC)
}

var want = []string{"Product Viewed", "Product Added", "Order Completed"}

func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		header, time, amount string
		row                  func(c, s int, e string) string
		change               func(*draft.Options)
	}{
		"German till": {"Vorgang;Datum;Uhrzeit;Kundennr.;Umsatz;Währung\n",
			`localTime(body.Datum + " " + body.Uhrzeit, "2.1.2006 15:04", "UTC")`, `body.?Umsatz.optMap(v, v.replace(".", "").replace(",", "."))`,
			func(c, s int, e string) string {
				return fmt.Sprintf("%s;%s;%s;%d;1.0%d0,50;EUR", e, at(c, s).Format("02.01.2006"), at(c, s).Format("15:04"), 4000+c, c)
			}, func(o *draft.Options) { o.Columns = map[string]string{"currency": "Währung"} }},
		"American dates": {"action,when,client_email,revenue\n", `localTime(body.when, "1/2/2006 3:04:05 PM", "UTC")`, `body.?revenue.optMap(v, v.replace("€", "").replace(",", "").trim())`,
			func(c, s int, e string) string {
				return fmt.Sprintf("%s,%s,c%d@example.com,\"€1,0%d0.50\"", e, at(c, s).Format("1/2/2006 3:04:05 PM"), c, c)
			}, nil},
		"milliseconds and tabs": {"event_type\tts\tvisitor_id\tamount\n", `double(body.ts) / 1000.0`, `body.?amount`,
			func(c, s int, e string) string { return fmt.Sprintf("%s\t%d\tv%d\t1.5", e, at(c, s).UnixMilli(), c) },
			func(o *draft.Options) { o.Currency = "USD" }},
		"no zone": {"Event,Event Time,Member ID,Total,Currency\n", `localTime(body["Event Time"], "UTC")`, "body.?Total",
			func(c, s int, e string) string {
				return fmt.Sprintf("%s,%s,m%d,9.99,EUR", e, at(c, s).Format(time.DateTime), c)
			}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := must(t, c.change, journeys(c.header, c.row))
			require.Equal(t, want, d.stages())
			require.Equal(t, []string{c.time, c.amount}, []string{string(d.event().Time), string(d.event().Amount)}, d.text)
			require.Len(t, d.event().Identities, 1)
			require.Equal(t, int64(12), d.preview.Filled.Events)
		})
	}
}

// The order of day and month is that which fits all days. If both do, the user has to say it.
func TestDaysWithTwoMeanings(t *testing.T) {
	rows := func(day int) string {
		return fmt.Sprintf("event,time,customer_id\nA,0%d/04/2026 10:00,c1\nB,0%d/04/2026 11:00,c1\nA,%d/04/2026 11:00,c2\n", 3, 3, day)
	}
	d := must(t, nil, rows(13))
	require.Equal(t, `localTime(body.time, "2/1/2006 15:04", "UTC")`, string(d.event().Time))
	_, err := makeDraft(t, t.TempDir(), nil, rows(10))
	require.EqualError(t, err, "file0.txt: the times of the column time can have the day or the month first: set --dates to dmy or mdy")
	d = must(t, func(o *draft.Options) {
		var err error
		o.Text, err = fill.ParseText("", "mdy", "Europe/Berlin", "")
		require.NoError(t, err)
	}, rows(10))
	require.Equal(t, `localTime(body.time, "1/2/2006 15:04", "Europe/Berlin")`, string(d.event().Time))
}

func TestDocuments(t *testing.T) {
	d := must(t, nil, journeys("", func(c, s int, e string) string {
		user := "null"
		if c > 1 {
			user = fmt.Sprintf(`{"id": %d, "traits": {"email": "c%d@example.com"}}`, c, c)
		}
		return fmt.Sprintf(`{"event": {"action": %q}, "occurred_at": %q, "user": %s, "visitor_id": "v%d", "cart": {"total": 5.%d, "currency": "EUR"}, "in": {"price-class": "a"}}`,
			e, at(c, s).Format(time.RFC3339), user, c, c)
	}))
	require.Equal(t, want, d.stages())
	e := d.event()
	require.Equal(t, `body.event.action`, string(e.Name))
	require.Equal(t, `body.?cart.?total`, string(e.Amount))
	require.Equal(t, map[string]v1alpha1.CELExpression{
		"customerId": "body.?user.?id", "email": "body.?user.?traits.?email", "anonymousId": "body.?visitor_id",
	}, e.Identities)
	require.Equal(t, map[string]v1alpha1.CELExpression{"price-class": `body[?"in"][?"price-class"]`}, e.Properties)
}

// distinct_id is the id of a device until the customer is known.
func TestDistinctID(t *testing.T) {
	const uuid = "0b2c3d4e-0000-4000-8000-00000000000"
	d := must(t, nil, journeys("event,time,distinct_id,email\n", func(c, s int, e string) string {
		id := fmt.Sprintf("customer-%d", c)
		if s == 0 {
			id = fmt.Sprint(uuid, c)
		}
		return fmt.Sprintf("%s,%d,%s,c%d@example.com", e, at(c, s).Unix(), id, c)
	}))
	require.Equal(t, "double(body.time)", string(d.event().Time))
	require.Len(t, d.event().Identities, 3)
	require.Equal(t, want, d.stages(), "the e-mail address links device and customer")
}

// Messages of a protocol need no mapping.
func TestMessages(t *testing.T) {
	d := must(t, nil, journeys("", func(c, s int, e string) string {
		return fmt.Sprintf(`{"type": "track", "messageId": "m%d-%d", "event": %q, "userId": "u%d", "timestamp": %q}`, c, s, e, c, at(c, s).Format(time.RFC3339))
	}))
	require.NotNil(t, d.set.Sources[0].Spec.Transport.Segment)
	require.Empty(t, d.set.Sources[0].Spec.Mapping)
	require.Equal(t, want, d.stages())
	d = must(t, nil, journeys("", func(c, s int, e string) string {
		return fmt.Sprintf(`{"specversion": "1.0", "id": "m%d-%d", "source": "/shop", "type": %q, "subject": "u%d", "time": %q, "data": {"customerId": "u%d"}}`, c, s, e, c, at(c, s).Format(time.RFC3339), c)
	}))
	require.NotNil(t, d.set.Sources[0].Spec.Transport.CloudEvents)
	d = must(t, nil, journeys("", func(c, s int, e string) string {
		return fmt.Sprintf(`{"event": %q, "properties": {"time": %d, "distinct_id": "u%d", "$insert_id": "i%d-%d"}}`, e, at(c, s).Unix(), c, c, s)
	}))
	require.NotNil(t, d.set.Sources[0].Spec.Transport.Mixpanel, "of PostHog, the events would have no time")
	require.Equal(t, want, d.stages())
}

// Compressed files are the same files.
func TestCompressedFiles(t *testing.T) {
	text := journeys("event,time,customer_id\n", func(c, s int, e string) string {
		return fmt.Sprintf("%s,%s,c%d", e, at(c, s).Format(time.RFC3339), c)
	})
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	plain := must(t, nil, text)
	for _, other := range []string{packed.String(), string(z.EncodeAll([]byte(text), nil))} {
		d := must(t, nil, other)
		require.Equal(t, plain.event(), d.event())
		require.Equal(t, plain.stages(), d.stages())
	}
}

// Several systems are sources of one map.
func TestSeveralFiles(t *testing.T) {
	web := journeys("event,time,email\n", func(c, s int, e string) string {
		return fmt.Sprintf("%s,%s,c%d@example.com", e, at(c, s).Format(time.RFC3339), c)
	})
	tills := "Order,Email,Created at,Total,Currency\n1,c2@example.com,2026-05-20 10:00:00 +0200,5,EUR\n2,c4@example.com,2026-05-21 10:00:00 +0200,5,EUR\n"
	d := must(t, func(o *draft.Options) {
		o.Events[1] = o.Events[1].Of("tills")
		o.Currency = "EUR"
	}, strings.ReplaceAll(web, "Order Completed", "Checkout Started"), tills)
	require.Len(t, d.set.Sources, 2)
	require.Equal(t, []string{"file0", "tills"}, []string{d.set.Sources[0].Name, d.set.Sources[1].Name})
	require.Equal(t, []string{"Product Viewed", "Product Added", "Checkout Started", "Order Completed"}, d.stages())
	require.Equal(t, v1alpha1.Purchase, d.set.Maps[0].Spec.Stages[3].Phase)
	require.Contains(t, d.text, "--events file0=file0.txt --events tills=file1.txt\n")
	_, err := makeDraft(t, t.TempDir(), func(o *draft.Options) { o.Events[1] = o.Events[1].Of("file0") }, web, tills)
	require.ErrorContains(t, err, "give each of them a source of its own")
}

func TestWhatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"event,customer_id\nA,c1\n":                                            "no column has times: set --column time=COLUMN to the name of the column; columns are event, customer_id",
		"time,customer_id\n2026-05-01T10:00:00Z,c1\n":                          "no column names the event, and there is no --event for all rows: set --column event=COLUMN",
		"event,time\nA,2026-05-01T10:00:00Z\n":                                 "no column identifies a customer: set --column customerId=COLUMN",
		`{"events": [{"event": "A", "time": "2026-05-01T10:00:00Z"}], "n": 1}`: "The column events has lists of objects: write each of these as a line of its own first",
	} {
		_, err := makeDraft(t, t.TempDir(), nil, text)
		require.ErrorContains(t, err, want)
	}
	_, err := makeDraft(t, t.TempDir(), func(o *draft.Options) { o.Columns = map[string]string{"time": "tim"} }, "event,time,user\nA,2026-05-01T10:00:00Z,c\n")
	require.EqualError(t, err, "file0.txt: --column time=tim: there is no such column; columns are event, time, user")
	d, err := makeDraft(t, t.TempDir(), nil, "event,time,user\nA,2026-05-01T10:00:00Z,c\n")
	require.ErrorIs(t, err, draft.ErrNoMap)
	require.Empty(t, d.set.Maps)
	_, err = draft.ParseColumns([]string{"zeit=x"})
	require.ErrorContains(t, err, "--column zeit=x: use FIELD=COLUMN, with one of the fields event, time, id")
}

// Rows without an identity are kept if there are many, items of an order are no events, and refunds are no stages.
func TestTillsAndOrders(t *testing.T) {
	tills := journeys("Vorgang;Datum;Uhrzeit;Kundenkarte;Brutto;Waehrung\n", func(c, s int, e string) string {
		return fmt.Sprintf("%s;%s;%s;%s;5,00;EUR", e, at(c, s).Format("02.01.2006"), at(c, s).Format("15:04:05"), []string{"", "LC-2", "LC-3", "", "LC-5"}[c])
	})
	d := must(t, func(o *draft.Options) { o.Columns = map[string]string{"amount": "Brutto", "currency": "Waehrung"} }, tills)
	require.Equal(t, v1alpha1.KeepUnidentified, d.set.Sources[0].Spec.Unidentified)
	require.Equal(t, map[string]v1alpha1.CELExpression{"loyaltyId": "body.?Kundenkarte"}, d.event().Identities)
	require.Equal(t, int64(4), d.preview.Filled.Unidentified)
	require.Contains(t, d.text, "12 events of 3 customers")

	orders := "Name,Email,Financial Status,Created at,Currency,Total,Lineitem name,Device ID,Id\n" +
		"#1,a@example.com,paid,2026-05-01 10:00:00 +0200,EUR,10.00,Lamp,7,91\n#1,,,,,,Bulb,,\n#2,b@example.com,paid,2026-05-02 10:00:00 +0200,EUR,5.00,Bulb,7,92\n"
	o, err := makeDraft(t, t.TempDir(), nil, orders)
	require.ErrorIs(t, err, draft.ErrNoMap)
	rules := o.set.Sources[0].Spec.Mapping
	require.NotNil(t, rules[0].Drop)
	require.Equal(t, []any{v1alpha1.CELExpression(`"Order Completed"`), v1alpha1.CELExpression("body.?Name")}, []any{rules[1].Event.Name, rules[1].Event.OrderID})
	require.Equal(t, map[string]v1alpha1.CELExpression{"email": "body.?Email"}, rules[1].Event.Identities)
	require.Contains(t, o.text, "3 rows, 2 events of 2 customers")

	refunds := must(t, nil, journeys("event,event_id,time,user\n", func(c, s int, e string) string {
		return fmt.Sprintf("%s,%d-%d,%s,u%d", strings.Replace(e, "Product Added", "Order Refunded", 1), c, s, at(c, s).Format(time.RFC3339), c)
	}))
	require.Equal(t, []string{"Product Viewed", "Order Completed"}, refunds.stages())
	require.Equal(t, "body.?event_id", string(refunds.event().ID))
	require.Contains(t, refunds.text, "no stage: by its name, it undoes a step")
}

// No value of a column is in the manifests, except names of events and currencies; also if a name of an event has an identifier in it.
func TestManifestsHaveNoPersonalData(t *testing.T) {
	secrets := []string{"Zoltan", "Quux-Street", "zz@quux.example", "4915112345678", "203.0.113.99", "CUST-8731", "free words of a customer"}
	text := journeys("event,time,customer_id,first_name,street,contact,tel,ip_address,remark,plan\n", func(c, s int, e string) string {
		if c == 4 && s == 2 {
			e = "zz@quux.example wrote"
		}
		return fmt.Sprintf("%s,%s,CUST-8731%d,Zoltan,Quux-Street 1,zz@quux.example,+4915112345678,203.0.113.99,free words of a customer who says a lot here,gold",
			e, at(c, s).Format(time.RFC3339), c)
	})
	d, err := makeDraft(t, t.TempDir(), nil, text)
	require.NoError(t, err)
	for _, secret := range secrets {
		require.NotContains(t, d.text, secret)
	}
	require.Contains(t, d.event().Properties, "plan")
	for _, column := range []string{"first_name", "street", "ip_address", "remark"} {
		require.NotContains(t, d.event().Properties, column)
		require.Contains(t, d.text, "# - "+column+": ")
	}
}

// Equal files give equal manifests, and whatever is in a table, the manifests are valid or the error says what is missing.
func TestAnyTableGivesValidManifests(t *testing.T) {
	name := rapid.OneOf(rapid.SampledFrom([]string{"event", "time", "customer_id", "email", "amount", "currency", "id", "null", "Ä: #", "a\"b", "{", "on", "Betrag", "order_id"}),
		rapid.StringMatching(`[ -~]{1,12}`))
	cell := rapid.OneOf(rapid.SampledFrom([]string{
		"", "Order Completed", "O'Neil: #1 {x}", "yes", "2026-05-01T10:00:00Z", "2026-05-01", "c1", "c2", "a@b.example", "1,5", "€ 3", "EUR", "{}", "\u2028", "1778000000",
	}), rapid.StringMatching(`[ -~]{0,20}`))
	accepted := 0
	draws.Check(t, 15, func(r *rapid.T) {
		names := rapid.SliceOfNDistinct(name, 1, 6, strings.TrimSpace).Draw(r, "names")
		names = append([]string{"event", "time", "user"}, names...)
		var b strings.Builder
		for i, n := range names {
			fmt.Fprintf(&b, "%s%q", map[bool]string{true: ",", false: ""}[i > 0], strings.ReplaceAll(n, `"`, "'"))
		}
		for i := range rapid.IntRange(1, 30).Draw(r, "rows") {
			event := rapid.SampledFrom([]string{"A", "b: c", "'x'", "# y", "- z", "null", "\u2028q", "ä"}).Draw(r, "event")
			fmt.Fprintf(&b, "\n%s,%s,u%d", `"`+event+`"`, now.Add(time.Duration(i)*time.Hour-1000*time.Hour).Format(time.RFC3339), i%3)
			for range names[3:] {
				b.WriteString(`,"` + strings.ReplaceAll(cell.Draw(r, "cell"), `"`, `""`) + `"`)
			}
		}
		dir := t.TempDir()
		first, err := makeDraft(r, dir, nil, b.String())
		if first == nil {
			require.Error(r, err)
			return
		}
		accepted++
		if accepted%4 == 0 {
			again, _ := makeDraft(r, dir, nil, b.String())
			require.Equal(r, first.text, again.text)
		}
	})
	require.Greater(t, accepted, 5)
}

func ctx(t require.TestingT) context.Context {
	if c, ok := t.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}
