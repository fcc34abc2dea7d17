// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// runtimePath is the package that the rewritten code calls.
const runtimePath = "github.com/journeyman-dev/journeyman/hack/mutation/onebuild/mutant"

// listed is a package in the output of go list.
type listed struct {
	Dir, ImportPath, Export            string
	GoFiles, TestGoFiles, XTestGoFiles []string
	Standard, DepOnly                  bool
}

// list returns the packages in a folder, and the files of the compiled packages that they import.
func list(folder string) (own []listed, exports map[string]string, err error) {
	cmd := command("go", "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,TestGoFiles,XTestGoFiles,DepOnly", "./"+folder+"/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, err
	}
	exports = map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return own, exports, nil
		} else if err != nil {
			return nil, nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			own = append(own, p)
		}
	}
}

// subject is the code of a folder with all its mutants.
type subject struct {
	packages []listed
	exports  map[string]string
	files    []string // base names of the files to mutate; none are all
	work     string   // folder for what is written
	mutants  []mutant
	skip     map[string]bool
}

// rewrite writes the changed files, and the overlay with which the go command uses them.
func (s *subject) rewrite() (overlay string, err error) {
	s.mutants = nil
	replace := map[string]string{}
	for _, p := range s.packages {
		if err := s.rewritePackage(p, replace); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(s.work, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

func (s *subject) rewritePackage(p listed, replace map[string]string) error {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(s.exports[path]) }
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}).Check(p.ImportPath, fset, files, info)
	if err != nil {
		return err
	}
	r := &rewriter{fset: fset, info: info, pkg: pkg, skip: s.skip, next: func(m mutant) int {
		m.id = len(s.mutants) + 1
		s.mutants = append(s.mutants, m)
		return m.id
	}}
	for i, f := range files {
		path := filepath.Join(p.Dir, p.GoFiles[i])
		if len(s.files) > 0 && !slices.Contains(s.files, p.GoFiles[i]) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		replace[path] = filepath.Join(s.work, strings.ReplaceAll(p.ImportPath, "/", "_")+"_"+p.GoFiles[i])
		if err := os.WriteFile(replace[path], []byte(r.file(f, string(text))), 0o600); err != nil {
			return err
		}
	}
	return nil
}

var compileError = regexp.MustCompile(`(?m)^(\S+\.go:\d+):`)

// build compiles one test program for each package with tests. Mutants that do not compile are removed.
func (s *subject) build() (programs []*program, err error) {
	for {
		overlay, err := s.rewrite()
		if err != nil {
			return nil, err
		}
		before := len(s.skip)
		programs = nil
		for _, p := range s.packages {
			if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
				continue
			}
			path := filepath.Join(s.work, strings.ReplaceAll(p.ImportPath, "/", "_")+".test")
			out, err := command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay", overlay, "-o", path, p.ImportPath).CombinedOutput()
			found := compileError.FindAllSubmatch(out, -1)
			for _, at := range found {
				s.skip[absolute(string(at[1]))] = true
			}
			if err != nil && len(s.skip) == before {
				return nil, fmt.Errorf("%w: %s", err, out)
			}
			programs = append(programs, &program{path: path, dir: p.Dir})
		}
		if len(s.skip) == before {
			return programs, nil
		}
	}
}

// absolute makes a position in the compiler's output absolute. relative is the inverse.
func absolute(place string) string {
	if path, err := filepath.Abs(place); err == nil {
		return path
	}
	return place
}

func relative(place string) string {
	root, err := os.Getwd()
	if err != nil {
		return place
	}
	return strings.TrimPrefix(place, root+string(filepath.Separator))
}

func command(name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...) //nolint:gosec,noctx // the go command
}
