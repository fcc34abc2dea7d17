// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package words

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
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

const (
	root  = "../.."
	width = 120
)

// generated pages contain texts of the API and of the programs, which other tests check.
const generated = "docs/reference/"

// markdown lists the pages of the repository by their paths.
func markdown(t *testing.T) map[string]Page {
	t.Helper()
	pages := map[string]Page{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case entry.IsDir() && (name == "bin" || name == "dist" || name == ".git"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".md" || strings.HasPrefix(name, generated):
			return nil
		}
		raw, err := os.ReadFile(path)
		pages[name] = Parse(string(raw))
		return err
	}))
	require.Greater(t, len(pages), 85)
	return pages
}

// Wrapped lines fit next to code, in a review and in a terminal.
func TestMarkdownIsWrapped(t *testing.T) {
	for name, page := range markdown(t) {
		for _, l := range page.Lines {
			if l.Code || l.Table || strings.HasPrefix(l.Text, "#") || strings.HasPrefix(l.Text, "<") {
				continue
			}
			if n := utf8.RuneCountInString(l.Text); n > width {
				t.Errorf("%s:%d has %d columns; wrap it at %d", name, l.Number, n, width)
			}
		}
	}
}

// Words that were retired do not return.
func TestRetiredWords(t *testing.T) {
	for name, page := range markdown(t) {
		for _, text := range page.Texts() {
			for _, r := range Prose {
				if found := r.Pattern.FindString(text.Text); found != "" {
					t.Errorf("%s:%d says %q; write %s (%s)", name, text.Number, found, r.Instead, r.Why)
				}
			}
		}
		for _, l := range page.Lines {
			for _, r := range Names {
				if r.Pattern.MatchString(l.Text) {
					t.Errorf("%s:%d has the name %s; write %s (%s)", name, l.Number, r.Pattern, r.Instead, r.Why)
				}
			}
		}
	}
}

// Comments of the code and of its tests follow the same vocabulary.
func TestRetiredWordsOfComments(t *testing.T) {
	read := 0
	eachGoFile(t, func(positions *token.FileSet, file *ast.File) {
		read++
		for _, group := range file.Comments {
			text := strings.Join(strings.Fields(group.Text()), " ")
			for _, r := range Comments {
				if found := r.Pattern.FindString(text); found != "" {
					t.Errorf("%s says %q; write %s (%s)", positions.Position(group.Pos()), found, r.Instead, r.Why)
				}
			}
		}
	})
	require.Greater(t, read, 1300)
}

// node is a function of Ginkgo whose first argument is the text of a spec, of a container or of a step.
var node = regexp.MustCompile(`^(Describe|Context|When|It|Specify|By|Entry|DescribeTable)$`)

// Texts of specs are sentences that people read in the report of a run.
func TestRetiredWordsOfSpecs(t *testing.T) {
	read := 0
	eachGoFile(t, func(positions *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			if !isCall || len(call.Args) == 0 {
				return true
			}
			name, isName := call.Fun.(*ast.Ident)
			if !isName || !node.MatchString(name.Name) {
				return true
			}
			if text, isText := joined(call.Args[0]); isText {
				read++
				for _, r := range Prose {
					if found := r.Pattern.FindString(text); found != "" {
						t.Errorf("%s says %q; write %s (%s)", positions.Position(call.Pos()), found, r.Instead, r.Why)
					}
				}
			}
			return true
		})
	})
	require.Greater(t, read, 200)
}

// eachGoFile parses the Go files of the repository with their comments, except for modules of tools and for testdata.
func eachGoFile(t *testing.T, visit func(positions *token.FileSet, file *ast.File)) {
	t.Helper()
	for _, folder := range []string{"api", "charts", "cmd", "config", "hack", "internal", "test"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "testdata":
				return fs.SkipDir
			case entry.IsDir() || filepath.Ext(path) != ".go":
				return nil
			}
			positions := token.NewFileSet()
			file, err := parser.ParseFile(positions, path, nil, parser.ParseComments)
			if err == nil {
				visit(positions, file)
			}
			return err
		}))
	}
}

func TestParse(t *testing.T) {
	page := Parse(strings.Join([]string{
		"# Mended", "", "A line that", "is", "told.", "- one item that stands", "  in two lines", "", "      code of the item", "",
		"```sh", "under way", "```", "| a | under way |", "and `under way` in a span", "", "    indented under way",
	}, "\n"))
	found := map[int]string{}
	for _, text := range page.Texts() {
		for _, r := range Prose {
			if s := r.Pattern.FindString(text.Text); s != "" {
				found[text.Number] = s
			}
		}
	}
	require.Equal(t, map[int]string{1: "Mended", 3: "is told", 6: "stands in", 14: "under way"}, found)
	require.True(t, page.Lines[8].Code)
	require.True(t, page.Lines[16].Code)
	require.False(t, page.Lines[6].Code)
}
