// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPercentOfLimit(t *testing.T) {
	for _, c := range []struct{ ratio, limit, shown, shownLimit string }{
		{"0.6053", "0.6", "60.5 %", "60 %"},
		{"0.6001", "0.6", "60.01 %", "60 %"}, // never "60.0 % of at most 60 %"
		{"0.6546", "0.605", "65.46 %", "60.5 %"},
		{"0.6", "0.60", "60.0 %", "60 %"},
		{"1.0000", "1", "100.0 %", "100 %"},
		{"0.0004", "0", "0.04 %", "0 %"},
		{"", "0.6", "", "0.6"},
		{"1e900000000", "0.6", "1e900000000", "0.6"},
	} {
		shown, limit := PercentOfLimit(c.ratio, c.limit)
		require.Equal(t, c.shown, shown, "%+v", c)
		require.Equal(t, c.shownLimit, limit, "%+v", c)
	}
	require.Equal(t, "12.3 %", PercentText("0.1234"))
	require.Equal(t, "none", PercentText("none"))
}
