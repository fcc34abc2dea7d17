// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDecimalsRoundHalvesAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		a, b   int64
		digits int
		want   string
	}{
		{1, 3, 4, "0.3333"}, {2, 3, 4, "0.6667"}, {1, 20_000, 4, "0.0001"}, {1, 20_001, 4, "0.0000"},
		{-1, 8, 2, "-0.13"}, {1, -8, 2, "-0.13"}, {-1, -8, 2, "0.13"}, {1, 2, 0, "1"}, {-1, 2, 0, "-1"}, {7, 1, 1, "7.0"}, {1, 1, 4, "1.0000"},
	} {
		d, ok := Divide(c.a, c.b, c.digits)
		require.True(t, ok)
		require.Equal(t, c.want, d.String(), "%d/%d", c.a, c.b)
	}
	require.Empty(t, Ratio(1, 0))
	require.Empty(t, Percent(1, 0))
	require.Equal(t, "12.1%", Percent(121, 1000))
	require.Equal(t, "0.1%", Percent(1, 2000))
}

func TestDecimalsAreTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64Range(-1e9, 1e9).Draw(t, "a"), rapid.Int64Range(-1e9, 1e9).Filter(func(n int64) bool { return n != 0 }).Draw(t, "b")
		d, ok := Divide(a, b, 4)
		require.True(t, ok)
		shown, ok := new(big.Rat).SetString(d.String())
		require.True(t, ok)
		off := shown.Sub(shown, big.NewRat(a, b))
		require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(1, 20_000)), 0)
	})
}
