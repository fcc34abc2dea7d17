// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/value"
)

func TestFromMinor(t *testing.T) {
	for _, c := range []struct{ amount, currency, want string }{
		{"12990", "EUR", "129.90"}, {"5", "usd", "0.05"}, {"0", "EUR", "0.00"}, {"-50", "EUR", "-0.50"}, {"500", "jpy", "500"}, {"1234", "KWD", "1.234"},
		{"12345", "CLF", "1.2345"}, {"100", "", "1.00"},
	} {
		got, err := value.FromMinor(c.amount, c.currency)
		require.NoError(t, err, c)
		require.Equal(t, c.want, got, c)
	}
	for _, amount := range []string{"", "-", "1.5", "12a", "--1", "1234567890123456789", "1e3"} {
		_, err := value.FromMinor(amount, "EUR")
		require.Error(t, err, amount)
	}
}
