// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The longest key fits into a position, whatever its characters are, and comes back as it was.
func TestTheLongestKeyFitsIntoAPosition(t *testing.T) {
	t.Parallel()
	const at = "2026-12-02 20:00:00.123456+00"
	for name, key := range map[string]string{
		"controls": strings.Repeat("\x01", mostKeyBytes), "markup": strings.Repeat("<", mostKeyBytes), "not UTF-8": strings.Repeat("\xff", mostKeyBytes),
	} {
		t.Run(name, func(t *testing.T) {
			want := position{Kind: times, Floor: at, From: at, Next: at, Through: at, Unplaced: 1 << 40, Batch: 1 << 40}.past([]string{at, key, "", "", ""})
			raw, err := want.encode()
			require.NoError(t, err)
			got, err := decodePosition(raw, times)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}
