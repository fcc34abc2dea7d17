// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package words

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// namedFile is a file or folder of the repository in a code span, such as `internal/store` or `api/v1alpha1/*.go`.
var namedFile = regexp.MustCompile("`((?:api|charts|cmd|config|docs|hack|internal|test)/[^`\\s]+)`")

// Files that pages name exist, so a move must change the pages, too.
func TestNamedFilesExist(t *testing.T) {
	named := 0
	for name, page := range markdown(t) {
		for _, l := range page.Lines {
			for _, m := range namedFile.FindAllStringSubmatch(l.Text, -1) {
				for _, path := range alternatives(m[1]) {
					found, err := filepath.Glob(filepath.Join(root, path))
					require.NoError(t, err)
					if len(found) == 0 {
						t.Errorf("%s:%d names %s, which does not exist", name, l.Number, path)
					}
					named++
				}
			}
		}
	}
	require.Greater(t, named, 100)
}

// alternatives expands braces in a path: a/{b,c} becomes a/b and a/c.
func alternatives(path string) []string {
	before, rest, braces := strings.Cut(path, "{")
	list, after, closed := strings.Cut(rest, "}")
	if !braces || !closed {
		return []string{path}
	}
	var out []string
	for one := range strings.SplitSeq(list, ",") {
		out = append(out, before+one+after)
	}
	return out
}
