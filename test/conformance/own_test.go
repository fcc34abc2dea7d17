// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of three cases in the file, only one can be run. The others report an error, and do not prevent the first one from running.
func TestBrokenCases(t *testing.T) {
	file := filepath.Join(t.TempDir(), "broken.json")
	require.NoError(t, os.WriteFile(file, []byte(`[
		{"id": "a", "kind": "funnel", "events": [{"person": 7}]},
		{"id": "b", "kind": "horoscope"},
		{"id": "c", "kind": "funnel", "events": [{"person": "ada", "event": "A", "time": "2025-09-01T08:00:00Z"}],
			"query": {"steps": [{"event": "A"}], "order": "ordered", "window": "P1D"}, "expected": {"steps": [{"count": 1}]}}
	]`), 0o600))
	cases, err := Load(file)
	require.NoError(t, err)
	var out strings.Builder
	require.Equal(t, Result{Passed: 1, Total: 3, Failed: 2}, RunFile(t.Context(), &out, "broken.json", cases, ""))
	require.Contains(t, out.String(), "a: cannot be run: json: cannot unmarshal number")
	require.Contains(t, out.String(), `b: cannot be run: the kind "horoscope" is not known`)
}

// The project's own cases have the rules of docs/numbers.md in the same form. All must agree.
func TestOwnCases(t *testing.T) { allAgree(t, "testdata") }

// TestDrawnCases runs randomly generated cases. The expected numbers come from a slow implementation in another language, which was written from the
// rules of the schema, independently of the engine.
func TestDrawnCases(t *testing.T) { allAgree(t, filepath.Join("testdata", "drawn")) }

func allAgree(t *testing.T, dir string) {
	files, err := Files(dir)
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
