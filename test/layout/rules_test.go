// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// wired are the packages whose subpackages may import only what the linter's rules list.
var wired = []string{"internal/analysis", "internal/identity", "internal/ingest", "internal/journey", "internal/preview", "internal/store/embedded"}

// Each subpackage of the wired packages has an import rule of the linter. The packages themselves connect their subpackages.
func TestEveryPackageHasAnImportRule(t *testing.T) {
	text, err := os.ReadFile("../../.golangci.yml")
	require.NoError(t, err)
	var config struct {
		Linters struct {
			Enable   []string
			Settings struct {
				Depguard struct {
					Rules map[string]struct{ Files []string }
				}
				Custom map[string]any
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &config))
	require.Contains(t, config.Linters.Enable, "depguard")
	require.Contains(t, config.Linters.Settings.Custom, "kubeapilinter")
	var files []string
	for _, rule := range config.Linters.Settings.Depguard.Rules {
		files = append(files, rule.Files...)
	}
	rooms := 0
	for folder := range count(t, "../..") {
		if !slices.ContainsFunc(wired, func(face string) bool { return strings.HasPrefix(folder, face+"/") }) {
			continue
		}
		rooms++
		pattern := "**/" + filepath.ToSlash(folder)
		require.True(t, slices.Contains(files, pattern+"/*.go") || slices.Contains(files, pattern+"/**"), "%s has no rule for its imports in .golangci.yml", folder)
	}
	require.Greater(t, rooms, 40)
}
