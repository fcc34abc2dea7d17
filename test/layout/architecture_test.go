// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// folderRow matches a row of a table in docs/architecture.md that names folders. folder matches one of them: with several names in braces, or with
// all subfolders.
var (
	folderRow = regexp.MustCompile("(?m)^\\| ((?:`[a-z0-9/{},*]+`(?:, )?)+) \\|")
	folder    = regexp.MustCompile("`([a-z0-9/]+)(?:/(\\*)|/\\{([a-z,]+)\\})?`")
)

// TestEveryPackageIsInTheArchitecture checks that docs/architecture.md names each package of internal, except those that only tests use, and that each
// folder that it names exists.
func TestEveryPackageIsInTheArchitecture(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	require.NoError(t, err)
	layout, store, found := strings.Cut(string(page), "## The embedded store")
	require.True(t, found)
	_, layout, found = strings.Cut(layout, "## Layout")
	require.True(t, found)
	named := map[string]bool{}
	for prefix, text := range map[string]string{"": layout, "internal/store/embedded": strings.SplitN(store, "## ", 2)[0]} {
		for _, row := range folderRow.FindAllStringSubmatch(text, -1) {
			for _, f := range folder.FindAllStringSubmatch(row[1], -1) {
				path := filepath.Join(prefix, f[1])
				require.DirExists(t, filepath.Join("../..", path))
				switch {
				case f[2] != "":
					named[path+"/*"] = true
				case f[3] != "":
					for name := range strings.SplitSeq(f[3], ",") {
						require.DirExists(t, filepath.Join("../..", path, name))
						named[filepath.Join(path, name)] = true
					}
				default:
					named[path] = true
				}
			}
		}
	}
	packages := 0
	for path := range count(t, "../..") {
		if !strings.HasPrefix(path, "internal/") || strings.HasSuffix(path, "test") {
			continue
		}
		packages++
		require.True(t, named[path] || named[filepath.Dir(path)+"/*"], "docs/architecture.md does not say what is in %s", path)
	}
	require.Greater(t, packages, 90)
}
