// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// notProse are folders whose string literals are data: simulated events, samples of spelling, and helpers of tests.
var notProse = []string{"internal/simulator/world/", "internal/simulator/wire/", "internal/store/storetest/", "internal/journey/journeytest/"}

// TestRetiredWordsOfMessages checks the string literals of the code, because messages, Events and errors consist of them. A literal without a
// blank is a name. Code spans can contain anything.
func TestRetiredWordsOfMessages(t *testing.T) {
	read := 0
	for _, folder := range []string{"api", "cmd", "internal"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
			for _, data := range notProse {
				if strings.HasPrefix(name, data) {
					return nil
				}
			}
			positions := token.NewFileSet()
			file, err := parser.ParseFile(positions, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, l := range literals(file) {
				read++
				for _, r := range Prose {
					if found := r.Pattern.FindString(l.text); found != "" {
						t.Errorf("%s says %q; write %s (%s)", positions.Position(l.pos), found, r.Instead, r.Why)
					}
				}
			}
			return nil
		}))
	}
	require.Greater(t, read, 1500)
}

type literal struct {
	pos  token.Pos
	text string
}

// literals returns the string literals of a file with at least two words. Concatenated literals are one text, so that a phrase is found across them.
func literals(file *ast.File) []literal {
	var out []literal
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BinaryExpr:
			if text, ok := joined(n); ok {
				out = append(out, literal{n.Pos(), text})
			}
		case *ast.BasicLit:
			if text, ok := joined(n); ok {
				out = append(out, literal{n.Pos(), text})
			}
		}
		return true
	})
	kept := out[:0]
	for _, l := range out {
		l.text = codeSpan.ReplaceAllString(strings.Join(strings.Fields(l.text), " "), "`…`")
		if strings.Contains(l.text, " ") {
			kept = append(kept, l)
		}
	}
	return kept
}

// joined returns the text of a string literal, or of a concatenation with a literal, in which other operands become one letter.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		x, isX := joined(e.X)
		y, isY := joined(e.Y)
		return operand(x, isX) + operand(y, isY), isX || isY
	}
	return "", false
}

func operand(text string, isText bool) string {
	if isText {
		return text
	}
	return "X"
}
