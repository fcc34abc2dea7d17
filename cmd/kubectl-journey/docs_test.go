// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write what the commands of the docs print into the docs")

// page is a page of the docs whose console blocks are run in a folder.
type page struct{ path, folder string }

var pages = []page{{"docs/preview.md", "docs/examples/preview"}}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// TestDocs runs the commands that the docs show, and wants them to print what the docs say: each block is a terminal, its lines "$ …"
// are commands, and what follows them is their output.
func TestDocs(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	for _, p := range pages {
		path := filepath.Join(root, p.path)
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		t.Chdir(filepath.Join(root, p.folder))
		commands := 0
		is := consoleBlock.ReplaceAllStringFunc(string(raw), func(block string) string {
			body := consoleBlock.FindStringSubmatch(block)[1]
			var out strings.Builder
			for line := range strings.Lines(body) {
				if strings.HasPrefix(line, "$ ") {
					commands++
					out.WriteString(line)
					out.WriteString(shell(t, root, strings.TrimSpace(line[2:])))
				}
			}
			return "```console\n" + out.String() + "```"
		})
		require.Greater(t, commands, 8, p.path)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(is), 0o600))
			continue
		}
		require.Equal(t, string(raw), is, "%s no longer shows what its commands print: go test ./cmd/kubectl-journey -run TestDocs -update", p.path)
	}
}

// ours is a command of the plugin in a block or a code span.
var ours = regexp.MustCompile("(?m)(?:^ *(?:\\$ )?|`)kubectl journey ([a-z][^`\n]*)")

// TestNamedCommands wants the commands that README and docs show to be ones that the plugin has, with their flags.
func TestNamedCommands(t *testing.T) {
	top := filepath.Join("..", "..")
	files := []string{filepath.Join(top, "README.md")}
	require.NoError(t, filepath.WalkDir(filepath.Join(top, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".md" {
			files = append(files, path)
		}
		return err
	}))
	found := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range ours.FindAllStringSubmatch(string(raw), -1) {
			if strings.HasPrefix(m[1], "version v") { // what --version prints
				continue
			}
			found++
			c, args, err := root().Find(words(m[1]))
			require.NoError(t, err, "%s: %s", file, m[0])
			require.NoError(t, c.ParseFlags(args), "%s: %s", file, m[0])
		}
	}
	require.Greater(t, found, 25)
}

// shell gives what a command of the docs prints.
func shell(t *testing.T, root, command string) string {
	t.Helper()
	command, _, _ = strings.Cut(command, "  #")
	args := words(command)
	switch args[0] {
	case "cat":
		raw, err := os.ReadFile(args[1])
		require.NoError(t, err, command)
		return string(raw)
	case "make":
		raw, err := os.ReadFile(filepath.Join(root, "Makefile"))
		require.NoError(t, err)
		require.Contains(t, string(raw), "\n"+args[1]+":", command)
		return ""
	}
	require.Equal(t, []string{"kubectl", "journey"}, args[:2], "a command that nobody runs: %s", command)
	return plugin(t, args[2:])
}

// plugin gives what the plugin prints to a terminal.
func plugin(t *testing.T, args []string) string {
	t.Helper()
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	if err := c.ExecuteContext(t.Context()); err != nil {
		out.WriteString("error: " + err.Error() + "\n")
	}
	var lines strings.Builder
	for line := range strings.Lines(out.String()) { // blanks at the ends of lines are none of a page's
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return lines.String()
}

// words splits a command as a shell does, with double quotes.
func words(command string) []string {
	var out []string
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}
