// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// A store with a corrupt result opens. The result is set aside, and the state reports it. Events and other results are there.
func TestCorruptResult(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, smallOptions(t, dir, nil))
	_, err := appendOne(t, s, 1)
	require.NoError(t, err)
	for _, run := range []string{"1", "2"} {
		require.NoError(t, s.PutResult(t.Context(), store.Result{Owner: "o", Run: run, Body: []byte("{}")}))
	}
	require.NoError(t, s.Close())
	files, err := filepath.Glob(filepath.Join(dir, "results", "*", "*.json"))
	require.NoError(t, err)
	require.Len(t, files, 2)
	require.NoError(t, os.Truncate(files[0], 20))

	s = mustOpen(t, smallOptions(t, dir, nil))
	require.Len(t, idsOf(t, s), 1)
	results, err := s.Results(t.Context(), "o", 0)
	require.NoError(t, err)
	require.Len(t, results, 1)
	state, err := s.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, state.Health.CorruptResults)
	require.Empty(t, state.Health.ReadOnly)
	aside, err := filepath.Glob(filepath.Join(dir, "quarantine", "*.json"))
	require.NoError(t, err)
	require.Len(t, aside, 1)
	_, err = appendOne(t, s, 2)
	require.NoError(t, err)
}
