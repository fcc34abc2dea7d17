// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package published

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPublished recomputes all numbers. It is skipped without data sets.
func TestPublished(t *testing.T) {
	root := os.Getenv("JOURNEYMAN_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "datasets")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no shared inputs: %s is absent (set JOURNEYMAN_SHARED)", dir)
	}
	var out bytes.Buffer
	r, err := Run(t.Context(), dir, &out)
	require.NoError(t, err)
	require.Zero(t, r.Failed, out.String())
	require.Positive(t, r.Total)
	t.Logf("%d numbers are as published, %d data sets are absent", r.Total, r.Absent)
}

// The comparison itself notices a difference in any of the published digits.
func TestDifferencesAreNoticed(t *testing.T) {
	for _, c := range []struct {
		published, ours string
		same            bool
	}{
		{"0.243", "0.242593", true}, {"0.243", "0.2435001", false}, {"4.414", "4.413532", true}, {"4.414", "4.4134", false},
		{"-9582.4", "-9582.43", true}, {"0.325", "0.3250", true}, {"6.25", "none", false}, {"12", "12", true}, {"12", "13", false},
	} {
		var out bytes.Buffer
		checks := &checks{out: &out, dataset: "d"}
		checks.digits("what", c.published, c.ours)
		require.Equal(t, c.same, checks.failed == 0, out.String())
		require.Equal(t, 1, checks.total)
	}
}

func TestNoDataSets(t *testing.T) {
	var out bytes.Buffer
	r, err := Run(t.Context(), t.TempDir(), &out)
	require.NoError(t, err)
	require.Equal(t, Result{Absent: len(datasets)}, r)
}
