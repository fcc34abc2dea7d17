// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package decimal_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/decimal"
)

// drawn returns a number in the form of senders, with leading and trailing zeros and exponents.
func drawn(t *rapid.T, label string) string {
	return rapid.StringMatching(`-?(0{0,2}[0-9]{1,24}|[0-9]{0,3}0{1,5})(\.[0-9]{1,20}0{0,3})?([eE][+-]?[0-9]{1,2})?`).Draw(t, label)
}

// Comparison, equality and both texts agree with exact fractions.
func TestNumbersAgreeWithFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawn(t, "a"), drawn(t, "b")
		n, ok := decimal.Parse(a)
		require.True(t, ok, a)
		m, ok := decimal.Parse(b)
		require.True(t, ok, b)
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		require.Equal(t, x.Cmp(y), n.Compare(m))
		require.Equal(t, x.Cmp(y) == 0, n == m)
		require.Equal(t, x.Sign(), n.Sign())
		require.Equal(t, x.IsInt(), n.IsWhole())
		for _, text := range []string{n.String(), n.Canonical()} {
			back, ok := new(big.Rat).SetString(text)
			require.True(t, ok, text)
			require.Zero(t, back.Cmp(x), "%s of %s", text, a)
		}
		require.NotContains(t, n.String(), "e")
	})
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"129.90": "1299e-1", "1.299e2": "1299e-1", "1e2": "1e2", "100": "1e2", "100.00": "1e2", "-0.0": "0", "0e999": "0", "+7": "7e0", "007": "7e0",
		".5": "5e-1", "5.": "5e0", "12345678901234567890.0": "1234567890123456789e1", "1e999999999": "1e999999999", "1E+000000000000000000000000002": "1e2",
		"0.000123e-5": "123e-11",
	} {
		n, ok := decimal.Parse(in)
		require.True(t, ok, in)
		require.Equal(t, want, n.Canonical(), in)
	}
	for _, bad := range []string{"", "-", ".", "e5", "1e", "1e+", "1e5.5", "--1", "1,5", "NaN", "Infinity", "0x10", "1_000", " 1", "1e9999999999999999"} {
		_, ok := decimal.Parse(bad)
		require.False(t, ok, bad)
	}
}

// A short text with a large exponent never becomes a large number in memory.
func TestLargeExponentsStaySmall(t *testing.T) {
	n, _ := decimal.Parse("1e999999999")
	m, _ := decimal.Parse("-3e-999999999")
	var text string
	allocated := testing.AllocsPerRun(10, func() {
		text = n.String()
		_, fits := n.Scaled(6)
		require.False(t, fits)
		small, fits := m.Scaled(6)
		require.True(t, fits)
		require.Zero(t, small)
		require.Equal(t, 1, n.Compare(m))
	})
	require.Equal(t, "1e999999999", text)
	require.Less(t, allocated, 20.0)
	long, _ := decimal.Parse(strings.Repeat("9", 100_000))
	require.Equal(t, 100_000, long.Digits())
	require.Equal(t, 1, long.Compare(m))
	require.Equal(t, -1, long.Compare(n))
}

func TestScaled(t *testing.T) {
	for in, want := range map[string]int64{"0.0000005": 1, "0.0000004": 0, "-0.0000005": -1, "9223372036854.775807": 1<<63 - 1, "-9223372036854.775808": -1 << 63,
		"1.5e3": 1_500_000_000, "15e-1": 1_500_000} {
		n, _ := decimal.Parse(in)
		got, ok := n.Scaled(6)
		require.True(t, ok, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"9223372036854.775808", "9223372036854.7758075", "1e13", "1e999999999"} {
		n, _ := decimal.Parse(in)
		_, ok := n.Scaled(6)
		require.False(t, ok, in)
	}
}

// Every number that can be read is written in a form that can be read again.
func TestWrittenNumbersCanBeRead(t *testing.T) {
	for text, ok := range map[string]bool{
		"1e999999999999999": true, "12e999999999999999": true, "10e999999999999999": false, "1e1000000000000000": false, "0e1000000000000000": false,
		"1e-999999999999999": true, "1.0e-999999999999999": true, "0.1e-999999999999999": false, "0.0e-999999999999999": true, "10e-999999999999999": true,
	} {
		n, got := decimal.Parse(text)
		require.Equal(t, ok, got, text)
		if ok {
			again, ok := decimal.Parse(n.Canonical())
			require.True(t, ok, text)
			require.Equal(t, n, again, text)
		}
	}
}
