// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package apache

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write jars.sum from what Maven resolves now")

// The jars in the cache are those of jars.sum.
func TestJarsHaveTheirChecksums(t *testing.T) {
	if *update {
		dir := t.TempDir()
		require.NoError(t, resolve(t.Context(), dir))
		listed, err := list(filepath.Join(dir, "jars"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("jars.sum", []byte(listed), 0o600))
		return
	}
	dir, err := jars(t)
	if err != nil {
		t.Skipf("the jars of Apache Kafka are not here: %v", err)
	}
	listed, err := list(dir)
	require.NoError(t, err)
	require.Equal(t, sums, listed)
}
