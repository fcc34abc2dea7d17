// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package draws runs property tests whose rules interact. A bug that shows in one case of a thousand is not found by rapid's default of one hundred.
package draws

import (
	"flag"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Check is rapid.Check with that many cases, unless the flag -rapid.checks sets another number; with -short, a fifth of them.
func Check(t *testing.T, cases int, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if asked := checks.Value.String(); asked == checks.DefValue {
		require.NoError(t, checks.Value.Set(strconv.Itoa(cases)))
		defer func() { require.NoError(t, checks.Value.Set(asked)) }()
	}
	rapid.Check(t, property)
}
