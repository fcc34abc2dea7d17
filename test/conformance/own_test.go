// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOwnCases runs the project's own cases, which state in the same form what the pages of the numbers say in words. All have to agree.
func TestOwnCases(t *testing.T) {
	files, err := Files("testdata")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			cases, err := Load(file)
			require.NoError(t, err)
			for i := range cases {
				found, err := Run(t.Context(), &cases[i])
				require.NoError(t, err, cases[i].ID)
				require.Empty(t, found, cases[i].ID)
			}
		})
	}
}
