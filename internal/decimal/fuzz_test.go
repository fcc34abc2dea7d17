// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package decimal_test

import (
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// FuzzParse reads two texts. Each text of a number reads as the same number. Order and integer parts agree with other implementations.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "-0.0", "1", "+01.50", ".5", "5.", "1e999999999999999", "-1e-999999999999999", "9223372036854775808", "-9223372036854775808e0", "1e5e5", "0x1", "NaN", "1_0"} {
		f.Add(s, "12.5")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		n, okA := decimal.Parse(a)
		m, okB := decimal.Parse(b)
		if !okA {
			require.Zero(t, n)
			return
		}
		for _, text := range []string{n.String(), n.Canonical()} {
			again, ok := decimal.Parse(text)
			require.True(t, ok, text)
			require.Equal(t, n, again, text)
		}
		x, _, err := apd.NewFromString(n.Canonical())
		if err != nil {
			return // apd supports only smaller exponents
		}
		require.Equal(t, x.Sign(), n.Sign())
		if r, ok := rational(a, n); ok {
			require.Equal(t, r.IsInt(), n.IsWhole(), a)
			if i, fits := n.Scaled(0); fits && r.IsInt() {
				require.Zero(t, new(big.Rat).SetInt64(i).Cmp(r), a)
			}
		}
		if !okB {
			return
		}
		if y, _, err := apd.NewFromString(m.Canonical()); err == nil {
			require.Equal(t, x.Cmp(y), n.Compare(m), "%s and %s", a, b)
			require.Equal(t, x.Cmp(y) == 0, n == m, "%s and %s", a, b)
		}
	})
}

// rational returns the exact value of a text, unless it is too large.
func rational(text string, n decimal.Number) (*big.Rat, bool) {
	if m := n.Magnitude(); m > 1000 || m < -1000 || len(text) > 1000 {
		return nil, false
	}
	return new(big.Rat).SetString(n.Canonical())
}
