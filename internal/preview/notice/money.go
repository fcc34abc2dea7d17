// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/text/currency"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxMoney is the number of names and codes that are remembered.
const maxMoney = 100

// money counts amounts that no number includes, although they may be meant to be.
type money struct {
	// below counts events below zero that are not refunds, by name; codes counts amounts in codes that are not currencies.
	below, codes map[string]int64
}

// recent are codes of ISO 4217 that are newer than the library's list.
var recent = map[string]bool{"MRU": true, "SLE": true, "STN": true, "UYW": true, "VED": true, "VES": true, "XCG": true, "ZWG": true}

func (m *money) saw(e *event.Event) {
	if e.Currency == "" {
		return
	}
	if m.below == nil {
		m.below, m.codes = map[string]int64{}, map[string]int64{}
	}
	if e.Amount < 0 && e.Name != event.Refunded {
		count(m.below, e.Name)
	}
	if _, err := currency.ParseISO(e.Currency); err != nil && !recent[e.Currency] || noCurrency[e.Currency] {
		count(m.codes, e.Currency)
	}
}

// noCurrency are the codes of ISO 4217 for no currency, and for tests.
var noCurrency = map[string]bool{"XXX": true, "XTS": true}

func count(in map[string]int64, name string) {
	if _, known := in[name]; known || len(in) < maxMoney {
		in[name]++
	}
}

func (m *money) notes() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.below)) {
		out = append(out, fmt.Sprintf("%s called %q %s an amount below zero, which no sum of money counts: what takes money back is called %q, and names the order",
			value.Counted(m.below[name], "event"), name, value.Agreed(m.below[name], "has", "have"), event.Refunded))
	}
	for _, code := range slices.Sorted(maps.Keys(m.codes)) {
		what := "which is not a currency of ISO 4217"
		if noCurrency[code] {
			what = "by which ISO 4217 says that it is no currency"
		}
		out = append(out, fmt.Sprintf("%s %s in %s, %s", value.Counted(m.codes[code], "amount"), value.Agreed(m.codes[code], "is", "are"), code, what))
	}
	return out
}
