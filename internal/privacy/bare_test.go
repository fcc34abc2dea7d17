// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The fast path gives the same result as the slow one, including quotes, blanks and invisible characters.
func TestFastPathAgreesWithSlowPath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a0-'\"` \t\u200b\u00a0“ü~\x7f\x00"))).Draw(t, "text")
		require.Equal(t, stripped(s), bare(s))
		if isBare(s) {
			require.NotEmpty(t, bare(s))
		}
	})
}
