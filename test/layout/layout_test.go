// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package layout limits the size of folders of code, so that a reader can understand each of them.
package layout

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// most is the maximum number of hand-written files in a folder, without tests. If a folder needs more, move a part of it to a package of its own.
const most = 15

// catalogues have one file for each entry, so that a longer list needs more files and is not harder to read; see ADR 16.
var catalogues = map[string]int{
	"api/v1alpha1":           39, // kinds and their parts
	"internal/journey/kpi":   17, // KPIs
	"internal/journey/table": 17, // tables
	"internal/resources":     22, // child objects
	"test/conformance":       21, // kinds of cases
}

// elsewhere are modules of their own, and folders with generated or foreign files.
var elsewhere = []string{".git", "bin", "hack/cluster/src", "hack/tools", "site"}

func TestFoldersAreSmall(t *testing.T) {
	found := count(t, "../..")
	require.Greater(t, len(found), 50, "the folders of the code were not found")
	for _, folder := range slices.Sorted(maps.Keys(found)) {
		n := found[folder]
		allowed, isCatalogue := catalogues[folder]
		if !isCatalogue {
			require.LessOrEqual(t, n, most, "%s has %d files: give a part of it a folder of its own", folder, n)
			continue
		}
		require.LessOrEqual(t, n, allowed, "%s grows", folder)
		require.Greater(t, n, most, "%s is small enough: take it off the list", folder)
		require.Equal(t, allowed, n, "%s has shrunk: write the new number into the list", folder)
	}
	for folder := range catalogues {
		require.Contains(t, found, folder, "the list names a folder that is not there")
	}
}

// count returns the number of hand-written Go files by folder, without tests.
func count(t *testing.T, root string) map[string]int {
	t.Helper()
	found := map[string]int{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case entry.IsDir() && (slices.Contains(elsewhere, name) || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"), strings.HasPrefix(entry.Name(), "zz_generated"):
			return nil
		}
		found[filepath.ToSlash(filepath.Dir(name))]++
		return nil
	}))
	return found
}
