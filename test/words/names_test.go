// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package words

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names are patterns of names from the code that pages for users contain: objects that the installation creates, labels, annotations and metrics, and
// in code spans also conditions and reasons, flags of a program, and tests.
var names = []struct {
	what    string
	pattern *regexp.Regexp
	in      func(code string) string // returns the text that the code must contain
}{
	{"object, account or metric", regexp.MustCompile(`\b(journeyman[-_][a-z_-]*[a-z])\b`), word},
	{"label or annotation", regexp.MustCompile(`(?:^|[^.a-z])((?:policy\.)?journeyman\.dev/[a-z-]+[a-z])\b`), word},
	{"condition, reason or value", regexp.MustCompile("`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?:=[A-Z][a-z]+)?`"), word},
	{"flag", regexp.MustCompile("`--([a-z-]+)(?:=[A-Za-z]+)?`"), func(flag string) string { return `"` + flag + `"` }},
	{"test", regexp.MustCompile("`(Test[A-Z][A-Za-z]+)`"), func(test string) string { return "func " + test + "(" }},
}

// foreign are names of other projects, and of objects that users create.
var foreign = strings.Fields(`
	journeyman-ca journeyman-cluster journeyman-web-tls
	take-ownership force-conflicts ignore-errors cascade
`)

func word(name string) string { return name }

// code returns the text of all programs, tests, scripts and manifests, and of the generated page of metrics, because the code assembles their names.
func code(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	metrics, err := os.ReadFile(filepath.Join(root, "docs/reference/metrics.md"))
	require.NoError(t, err)
	all.Write(metrics)
	for _, folder := range []string{"api", "charts/journeyman", "cmd", "config", "hack", "internal", "test"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !slices.Contains([]string{".go", ".yaml", ".sh", ".tpl"}, filepath.Ext(path)) ||
				strings.HasSuffix(path, filepath.Join("test", "words", "names_test.go")) {
				return err
			}
			raw, err := os.ReadFile(path)
			all.Write(raw)
			return err
		}))
	}
	return all.String()
}

// The code has each name that a page for users contains, so a rename must change the pages, too.
func TestNamesOfTheCodeExist(t *testing.T) {
	all, seen := code(t), map[string]bool{}
	for page, text := range markdown(t) {
		if !strings.HasPrefix(page, "docs/") && page != "README.md" || strings.HasPrefix(page, "docs/adr/") {
			continue
		}
		for _, l := range text.Lines {
			for _, n := range names {
				for _, m := range n.pattern.FindAllStringSubmatch(l.Text, -1) {
					is := n.in(m[1])
					if seen[is] || slices.Contains(foreign, m[1]) {
						continue
					}
					if seen[is] = strings.Contains(all, is); !seen[is] {
						t.Errorf("%s:%d names %s, but the code has no %s of that name", page, l.Number, m[1], n.what)
					}
				}
			}
		}
	}
	require.Greater(t, len(seen), 100)
}
