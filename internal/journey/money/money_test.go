// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package money

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConversionOfMoney(t *testing.T) {
	o := Orders{Currency: "EUR", Rates: map[string]int64{"USD": 1_500_000, "XXX": 1<<63 - 1}}
	for _, c := range []struct {
		amount   int64
		currency string
		want     int64
		ok       bool
	}{
		{1<<63 - 1, "EUR", 1<<63 - 1, true}, {1, "USD", 2, true}, {3, "USD", 5, true}, {2_000_000, "USD", 3_000_000, true},
		{1<<63 - 1, "USD", 0, false}, {1<<63 - 1, "XXX", 0, false}, {-1, "EUR", 0, false}, {1, "GBP", 0, false}, {1, "", 0, false},
	} {
		got, ok := o.Convert(c.amount, c.currency)
		require.Equal(t, c.ok, ok, c)
		if ok {
			require.Equal(t, c.want, got, c)
		}
	}
}
