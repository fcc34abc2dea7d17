// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stop matches a row of a walk in docs/architecture.md: a package, and a function or method in it.
var stop = regexp.MustCompile("(?m)^\\| `(internal/[a-z0-9/]+)` \\| `([A-Za-z.]+)` \\|")

// The functions that docs/architecture.md names for the way of an event exist.
func TestFunctionsOfTheWalkExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/architecture.md")
	require.NoError(t, err)
	walks := strings.SplitN(string(page), "## The walk of an event", 2)
	require.Len(t, walks, 2)
	stops := stop.FindAllStringSubmatch(walks[1], -1)
	rows := strings.Count(walks[1], "\n| `")
	require.Len(t, stops, rows, "a row is not of the form that is checked here")
	require.Greater(t, rows, 30)
	for _, s := range stops {
		require.Contains(t, functions(t, filepath.Join("../..", s[1])), s[2], s[1])
	}
}

// functions returns the functions and methods of a package, methods as Type.Method, without tests.
func functions(t *testing.T, folder string) []string {
	t.Helper()
	//nolint:staticcheck // it is deprecated for build tags, which leave out no file of these packages
	packages, err := parser.ParseDir(token.NewFileSet(), folder, func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0)
	require.NoError(t, err)
	var out []string
	for _, p := range packages {
		for _, file := range p.Files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					out = append(out, receiver(f)+f.Name.Name)
				}
			}
		}
	}
	return out
}

// receiver returns the type of a method and a dot, or an empty string for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	for {
		switch typed := of.(type) {
		case *ast.StarExpr:
			of = typed.X
		case *ast.IndexExpr:
			of = typed.X
		case *ast.IndexListExpr:
			of = typed.X
		case *ast.Ident:
			return typed.Name + "."
		default:
			return ""
		}
	}
}
