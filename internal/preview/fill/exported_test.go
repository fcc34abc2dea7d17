// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package fill

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const tillSource = `  transport: {files: {timeZone: Europe/Berlin, currency: EUR, joinBy: [Receipt], ignoreRows: [{values: [Total]}]}}
  mapping:
  - event:
      name: '"Order Completed"'
      id: body.Receipt
      time: localTime(body.Sold, "02.01.2006 15:04", message.timeZone)
      amount: sum(body.rows.map(r, r.Price.replace(",", ".")))
      currency: message.currency
      identities: {loyaltyId: body.Card}
`

// A source of files reads them in a preview as an import does, with its settings and those of its preset.
func TestFilesOfASourceOfFiles(t *testing.T) {
	i := newImporter(t, manifests+sourceOf("till", tillSource), Options{Source: "till"})
	table := "Receipt;Sold;Card;Price\n1;02.03.2026 09:12;K1;5,50\n1;;;4,00\n2;03.03.2026 10:00;K2;1,00;\n3;29.03.2026 02:30;K3;2,00\nTotal;;;12,50\n"
	require.NoError(t, i.File(t.Context(), File{Name: write(t, "march.csv", table)}))
	var got []string
	for k := range i.stored.events {
		got = append(got, inWords(&i.stored.events[k]))
	}
	require.Equal(t, []string{"Order Completed 2026-03-02T08:12:00Z loyaltyId=K1 9.50 EUR", "Order Completed 2026-03-03T09:00:00Z loyaltyId=K2 1.00 EUR"}, got)
	said := strings.Join(i.out.Lines(), "\n")
	require.Contains(t, said, "march.csv: cells are separated by semicolons")
	require.Contains(t, said, "march.csv:5: mapping-error")
	require.EqualValues(t, 1, i.out.Refused)

	i = newImporter(t, manifests+sourceOf("till", "  preset: shopify\n  transport: {files: {}}\n"), Options{Source: "till"})
	table = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Id\n" +
		"#1,a@example.com,paid,EUR,5.00,2026-05-01 12:00:00 +0200,1,Mug,51\n#1,a@example.com,,,,2026-05-01 12:00:00 +0200,2,Tee,\n"
	require.NoError(t, i.File(t.Context(), File{Name: write(t, "orders.csv", table)}))
	require.Len(t, i.stored.events, 1)
	require.Equal(t, "Order Completed 2026-05-01T10:00:00Z email=a@example.com 5.00 EUR", inWords(&i.stored.events[0]))
	err := i.File(t.Context(), File{Name: write(t, "other.csv", "A,B\n1,2\n")})
	require.ErrorContains(t, err, "other.csv: no line names the columns Name, Created at, Lineitem quantity")
}
