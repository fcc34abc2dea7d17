// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// written is a file of three rows. Other files have the same rows in other spellings.
const written = "event,time,customerId,email,amount,currency,price\n" +
	"Order Completed,2026-05-01T10:00:00Z,c1,A@x.de,129.90,EUR,12.50\n" +
	"Order Completed,2026-05-01T10:00:00Z,c1,A@x.de,129.90,EUR,12.50\n" +
	"Looked,2026-05-01T11:00:00.5Z,c2,b@x.de,,,\n"

// A row of the plain form is recognised by its parsed values, not by its text.
func TestRowsInOtherSpellings(t *testing.T) {
	replaced := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(written) }
	for name, c := range map[string]struct {
		file, text string
		duplicates int64
	}{
		"another zone":            {"a.csv", replaced("T10:00:00Z", "T12:00:00+02:00"), 3},
		"fractions of a second":   {"a.csv", replaced("T10:00:00Z", "T10:00:00.000Z", "00.5Z", "00.500Z"), 3},
		"seconds since 1970":      {"a.csv", replaced("2026-05-01T10:00:00Z", "1777629600"), 3},
		"capitals, blanks":        {"a.csv", replaced("A@x.de", " a@X.de ", "EUR", "eur"), 3},
		"zeros of decimals":       {"a.csv", replaced("129.90", "129.9", "12.50", "12.5"), 3},
		"decimal commas":          {"a.csv", strings.NewReplacer(",", ";", "129.90", "129,90", "12.50", "12,50").Replace(written), 3},
		"columns of another tool": {"a.csv", replaced("event,time,customerId", "event_name,timestamp,user_id"), 3},
		"documents with numbers": {"a.ndjson", `{"event":"Order Completed","time":"2026-05-01T10:00:00Z","customerId":"c1","email":"a@x.de","amount":129.9,` +
			`"currency":"EUR","price":12.5}` + "\n" + `{"event":"Looked","time":"2026-05-01T11:00:00.5Z","customerId":"c2","email":"b@x.de"}` + "\n", 2},
		"another amount":   {"a.csv", replaced("129.90", "129.91"), 1},
		"another instant":  {"a.csv", replaced("T10:00:00Z", "T10:00:01Z"), 1},
		"another customer": {"a.csv", replaced("c1", "C1"), 1},
		"another price":    {"a.csv", replaced("12.50", "12.51"), 1},
		"leading zeros":    {"a.csv", replaced("12.50", "012.50"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := open(t, manifests, write(t, "first.csv", written), write(t, c.file, c.text))
			require.NoError(t, err)
			require.Equal(t, c.duplicates, p.Filled.Duplicates)
		})
	}
	p, err := open(t, manifests, write(t, "one.csv", written+"Order Completed,2026-05-01T12:00:00+02:00,c1,a@x.de,129.9,EUR,12.5\n"))
	require.NoError(t, err)
	require.Zero(t, p.Filled.Duplicates, "equal rows of one file are events of their own, however they are written")
}

// Orders with a placeholder as id each count as one order, and a note reports them.
func TestOrdersWithPlaceholderIDs(t *testing.T) {
	p, err := open(t, manifests, write(t, "events.csv", "event,time,customerId,orderId,sessionId,amount,currency\n"+
		"Order Completed,2026-05-01T10:00:00Z,a,undefined,(not set),5,EUR\nOrder Completed,2026-05-01T10:00:00Z,b,undefined,s1,7,EUR\n"))
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"orderId": 2, "sessionId": 1}, p.Filled.Nothings)
	require.Contains(t, p.Filled.String(), "3 identifiers left out that stand for nobody")
	require.Contains(t, strings.Join(p.Filled.Lines(), "\n"), "note: 2 identifiers were left out, of orderId: the values are placeholders, "+
		"such as undefined or (not set), so each of these events is an order of its own")
}
