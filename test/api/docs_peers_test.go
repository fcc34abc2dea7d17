// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	quoted    = regexp.MustCompile("`([A-Za-z][A-Za-z.\\[\\]]*)`")
	fieldPath = regexp.MustCompile("(?m)^\\| `([^`]+)`")
	testFunc  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// The page about other products names fields and tests that there are.
func TestPageOfPeers(t *testing.T) {
	page, err := os.ReadFile("../../docs/peers.md")
	require.NoError(t, err)
	reference, err := os.ReadFile("../../docs/reference/fields.md")
	require.NoError(t, err)
	// A name may be the end of a path, as a reader of the page knows the beginning.
	known := map[string]bool{"windowFunnel": true, "storetest": true}
	for _, path := range fieldPath.FindAllStringSubmatch(string(reference), -1) {
		for rest, more := path[1], true; more; _, rest, more = strings.Cut(rest, ".") {
			known[rest] = true
			known[strings.TrimSuffix(rest, "[]")] = true
			known[rest+"[]"] = true
		}
	}
	require.NoError(t, filepath.WalkDir("../../internal/journey", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, f := range testFunc.FindAllStringSubmatch(string(raw), -1) {
			known[f[1]] = true
		}
		return err
	}))
	names := quoted.FindAllStringSubmatch(string(page), -1)
	require.Greater(t, len(names), 50)
	for _, name := range names {
		require.True(t, known[name[1]], "docs/peers.md names %q, which there is not", name[1])
	}
}
