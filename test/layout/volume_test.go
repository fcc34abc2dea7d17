// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStoreUsesItsVolume checks that the embedded store opens, writes and removes files only through volume.FS, so that tests can make each of these
// operations fail. Its other packages use only errors of package os.
func TestStoreUsesItsVolume(t *testing.T) {
	const root = "../../internal/store/embedded"
	files := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path == filepath.Join(root, "volume"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if from, ok := s.X.(*ast.Ident); ok && (from.Name == "os" || from.Name == "unix" || from.Name == "syscall") {
					require.True(t, strings.HasPrefix(s.Sel.Name, "Err"), "%s: %s.%s: use the volume", set.Position(s.Pos()), from.Name, s.Sel.Name)
				}
			}
			return true
		})
		return nil
	}))
	require.Greater(t, files, 80)
}
