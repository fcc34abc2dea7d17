// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package draws runs property tests about rules that interact. rapid's default of 100 cases does not find a bug that shows in one case of a thousand.
package draws

import (
	"flag"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Check is rapid.Check with the given number of cases, unless the flag -rapid.checks sets another number. With -short, it runs a fifth of them.
func Check(t *testing.T, cases int, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if asked := checks.Value.String(); asked == checks.DefValue {
		require.NoError(t, checks.Value.Set(strconv.Itoa(cases)))
		defer func() { require.NoError(t, checks.Value.Set(asked)) }()
	}
	rapid.Check(t, property)
}
