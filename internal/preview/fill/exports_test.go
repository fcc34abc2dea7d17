// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"
)

// Files from tools, spreadsheets and people are read correctly, or refused with a message.
func TestExportsOfTools(t *testing.T) {
	const header = "event,time,customerId\n"
	const three = "Looked,2026-05-01T10:00:00Z,a\nLooked,2026-05-01T11:00:00Z,b\nLooked,2026-05-01T12:00:00Z,c\n"
	const a, b, c = "Looked 2026-05-01T10:00:00Z customerId=a", "Looked 2026-05-01T11:00:00Z customerId=b", "Looked 2026-05-01T12:00:00Z customerId=c"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(header+three, ",", "\t"))
	require.NoError(t, err)
	many := make([]string, 10_000)
	for i := range many {
		many[i] = fmt.Sprintf("c%d", i)
	}
	for name, x := range map[string]struct {
		content string
		options Options
		// want are the events, said parts of the notes and errors of rows, and err the error of the file
		want      []string
		said, err string
	}{
		"Excel, Unicode text":     {content: utf16, want: []string{a, b, c}, said: "text in UTF-16"},
		"Excel, sep=":             {content: "sep=;\r\n" + strings.ReplaceAll(header+three, ",", ";"), want: []string{a, b, c}, said: "separated by semicolons"},
		"LibreOffice, German":     {content: "event;time;customerId;amount;currency\nOrder Completed;24.12.2025 13:45;a;1.234,56;EUR\n", want: []string{"Order Completed 2025-12-24T13:45:00Z customerId=a 1234.56 EUR"}, said: "day first"},
		"US dates":                {content: header + "Looked,12/24/2025 1:45 PM,a\n", err: "", said: "has the month first, because its second number is not a month: set --dates to mdy"},
		"US dates, told":          {content: header + "Looked,12/24/2025 1:45 PM,a\n", options: Options{Text: Text{Dates: "mdy"}}, want: []string{"Looked 2025-12-24T13:45:00Z customerId=a"}},
		"day number":              {content: header + "Looked,45650.5,a\n", said: "day number of a spreadsheet"},
		"epoch with an exponent":  {content: header + "Looked,1.7776296E+12,a\n", said: "a spreadsheet has shortened"},
		"id with an exponent":     {content: header + "Looked,2026-05-01T10:00:00Z,8.80101E+11\n", said: "customerId: it looks like a number that a spreadsheet has shortened"},
		"title above":             {content: "Events of May\n\n" + header + three, err: "remove the lines above the header, which seems to be line 3"},
		"totals below":            {content: header + three + "Total,3,\n", want: []string{a, b, c}, said: "events.csv:5: bad-time"},
		"a column twice":          {content: "event,time,customerId,time\n", err: `the column "time" appears twice`},
		"empty":                   {content: "", err: "the file is empty"},
		"header alone":            {content: header},
		"one column":              {content: "event\nLooked\n", err: "no column time"},
		"a cell of a mebibyte":    {content: header + three + "Looked,2026-05-01T10:00:00Z," + strings.Repeat("x", 1<<20) + "\n", want: []string{a, b, c}, said: "field-too-long"},
		"ten thousand columns":    {content: "event,time,customerId," + strings.Join(many, ",") + "\nLooked,2026-05-01T10:00:00Z,a" + strings.Repeat(",", 10_000) + "\n", want: []string{a}},
		"mixed line ends":         {content: header + "Looked,2026-05-01T10:00:00Z,a\r\n\nLooked,2026-05-01T11:00:00Z,b\n", want: []string{a, b}},
		"a lone carriage return":  {content: header + "Looked,2026-05-01T10:00:00Z,a\rLooked,2026-05-01T11:00:00Z,b\nLooked,2026-05-01T12:00:00Z,c\n", want: []string{c}, said: "line ends of the file are mixed"},
		"a quoted line end":       {content: "event,time,customerId,note\nLooked,2026-05-01T10:00:00Z,a,\"x\ny\"\n", want: []string{a}},
		"zero bytes":              {content: header + "Looked,2026-05-01T10:00:00Z,a\x00\nLooked,2026-05-01T11:00:00Z,b\nLooked,2026-05-01T12:00:00Z,c\n", want: []string{b, c}, said: "has a zero byte"},
		"a login page":            {content: "\n<!doctype html><html><title>Sign in</title>", err: "the file is a web page"},
		"a workbook":              {content: "PK\x03\x04......[Content_Types].xml...xl/workbook.xml", err: "the file is a workbook of Excel (xlsx)"},
		"an error of an API":      {content: `{"error":"unauthorized","status":401}`, said: "there is no field time; fields are error, status"},
		"a list":                  {content: `[{"event":"Looked","time":"2026-05-01T10:00:00Z","customerId":"a"}]`, want: []string{a}},
		"an indented list":        {content: "[\n  {\n    \"event\": \"Looked\",\n    \"time\": \"2026-05-01T10:00:00Z\",\n    \"customerId\": \"a\"\n  }\n]\n", want: []string{a}},
		"indented objects":        {content: "{\n  \"event\": \"Looked\",\n  \"time\": \"2026-05-01T10:00:00Z\",\n  \"customerId\": \"a\"\n}\n", want: []string{a}},
		"money as people write":   {content: "event,time,customerId,amount,currency\nx,2026-05-01,a,\"€ 12,30\",EUR\nx,2026-05-01,b,(12.30),EUR\nx,2026-05-01,c,12.30-,EUR\n", want: []string{"x 2026-05-01T00:00:00Z customerId=a 12.30 EUR", "x 2026-05-01T00:00:00Z customerId=b -12.30 EUR", "x 2026-05-01T00:00:00Z customerId=c -12.30 EUR"}},
		"a percentage":            {content: "event,time,customerId,amount,currency\nx,2026-05-01,a,5 %,EUR\n", said: "bad-amount: amount: is a percentage, not an amount"},
		"GA4, unnested":           {content: "event_name,event_timestamp,user_pseudo_id,event_params_key,event_params_value_string_value\npage_view,1777629600000000,p,a,b\n", err: "spreads each event over several rows"},
		"GA4, flat":               {content: "event_date,event_timestamp,event_name,user_pseudo_id,page_location\n20260501,1777629600000000,Looked,p,https://x.example\n", want: []string{"Looked 2026-05-01T10:00:00Z anonymousId=p"}, said: "user_pseudo_id as anonymousId"},
		"Mixpanel, CSV":           {content: "event,time,distinct_id,$insert_id\nLooked,1777629600,a,i1\n", want: []string{a}, said: "distinct_id as anonymousId if it is a device id"},
		"Amplitude":               {content: `{"event_type":"Looked","event_time":"2026-05-01 10:00:00.123000","user_id":"a","uuid":"u1","event_properties":{"x":1}}`, want: []string{a}, said: "event_type as event"},
		"PostHog, CSV":            {content: "uuid,event,properties,timestamp,distinct_id\ne1,Looked,\"{\"\"price\"\":4}\",2026-05-01T10:00:00.000000Z,a\n", want: []string{a}},
		"Shopify":                 {content: "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Id\n#1,a@example.com,paid,EUR,5.00,2026-05-01 12:00:00 +0200,1,Mug,51\n#1,a@example.com,,,,2026-05-01 12:00:00 +0200,2,Tee,\n", options: Options{Text: Text{Event: "Order Completed"}}, want: []string{"Order Completed 2026-05-01T10:00:00Z email=a@example.com 5.00 EUR"}, said: "1 row is a further item of the order above it"},
		"Shopify, unnamed":        {content: "Name,Email,Financial Status,Currency,Total,Created at\n", err: "name the events of all rows by --event"},
		"Stripe":                  {content: "id,Created date (UTC),Amount,Currency,Customer Email,Status\nch_1,2026-05-01 10:00:00,5,eur,a@example.com,Failed\n", options: Options{Text: Text{Event: "Order Completed"}}, err: "no column time; columns are id, Created date (UTC), Amount"},
		"Square":                  {content: "Date,Time,Time Zone,Gross Sales,Customer ID\n05/01/26,10:00:00,UTC,$5.00,a\n", options: Options{Text: Text{Event: "Looked", Dates: "mdy"}}, want: []string{a}, said: "Customer ID as customerId"},
		"Adobe, without a header": {content: "1777629600\t3042\t1024\tEUR\n1777629601\t3042\t1024\tEUR\n", err: "looks like a row, not like the names of columns"},
		"Matomo, visits":          {content: `[{"idVisit":"1","visitorId":"v","actionDetails":[{"type":"action"}]}]`, said: "there is no field time; fields are actionDetails, idVisit, visitorId"},
		"Piwik PRO":               {content: "timestamp,event_name,visitor_id,session_id\n2026-05-01 10:00:00,Looked,v,s\n", want: []string{"Looked 2026-05-01T10:00:00Z anonymousId=v"}, said: "visitor_id as anonymousId"},
		"Snowplow":                {content: "event_name\tderived_tstamp\tdomain_userid\tuser_id\nLooked\t2026-05-01 10:00:00.000\td\ta\n", want: []string{"Looked 2026-05-01T10:00:00Z customerId=a anonymousId=d"}},
		"Windows-1250":            {content: header + "Looked,2026-05-01T10:00:00Z,\x8elu\x9d\nLooked,2026-05-01T10:00:00Z,k\xf9\xf2\n", err: `in windows-1250`},
		"Windows-1250, told":      {content: header + "Looked,2026-05-01T10:00:00Z,k\xf9\xf2\n", options: Options{Text: Text{Encoding: "windows-1250"}}, want: []string{"Looked 2026-05-01T10:00:00Z customerId=kůň"}, said: "read as windows-1250, as requested"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newImporter(t, manifests, x.options)
			err := i.File(t.Context(), File{Name: write(t, "events.csv", x.content)})
			if x.err != "" {
				require.ErrorContains(t, err, "events.csv: ")
				require.ErrorContains(t, err, x.err)
				require.Empty(t, i.stored.events)
				return
			}
			require.NoError(t, err)
			var got []string
			for k := range i.stored.events {
				got = append(got, inWords(&i.stored.events[k]))
			}
			require.Equal(t, x.want, got, "%v", i.out.Lines())
			require.Contains(t, strings.Join(i.out.Lines(), "\n"), x.said)
		})
	}
}

// The options of a file are validated before the file is read.
func TestOptionsOfFiles(t *testing.T) {
	for want, told := range map[string][3]string{
		`--encoding utf8x: unknown encoding "utf8x"`: {"utf8x", "", ""}, "--dates ymd: use dmy": {"", "ymd", ""}, "--time-zone Local: use the name": {"", "", "Local"}, "--time-zone CET+1": {"", "", "CET+1"},
	} {
		_, err := ParseText(told[0], told[1], told[2], "")
		require.ErrorContains(t, err, want)
	}
	text, err := ParseText("latin1", "dmy", "Europe/Berlin", "")
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", text.Zone.String())
}
