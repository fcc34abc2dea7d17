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

// page is a page of the docs. Its console blocks, with at least so many commands, are run in a folder.
type page struct {
	path, folder string
	commands     int
}

var pages = []page{{"docs/preview.md", "docs/examples/preview", 9}, {"docs/map-test.md", "docs/examples/mapping", 2}, {"docs/init.md", "docs/examples/init", 3}}

var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// TestDocs runs the commands in the console blocks of the docs, and requires that they print what the docs show. In a block, lines that start with
// "$" are commands, and the lines after them are the output.
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
		require.GreaterOrEqual(t, commands, p.commands, p.path)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(is), 0o600))
			continue
		}
		require.Equal(t, string(raw), is, "%s no longer shows what its commands print: go test ./cmd/kubectl-journey -run TestDocs -update", p.path)
	}
}

// ours matches a command of the plugin in a block or a code span.
var ours = regexp.MustCompile("(?m)(?:^ *(?:\\$ )?|`)kubectl journey ([a-z][^`\n]*)")

// TestNamedCommands requires that the plugin has the commands and flags that README and docs name.
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
			if strings.HasPrefix(m[1], "version v") { // output of --version
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

// shell returns the output of a command of the docs.
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
	if n := len(args); args[n-2] == ">" {
		return redirected(t, args[2:n-2], args[n-1])
	}
	return plugin(t, args[2:], nil)
}

// redirected requires that a file has what the plugin prints to stdout, and returns the rest.
func redirected(t *testing.T, args []string, file string) string {
	t.Helper()
	var stdout bytes.Buffer
	rest := plugin(t, args, &stdout)
	if *update {
		require.NoError(t, os.WriteFile(file, stdout.Bytes(), 0o600))
		return rest
	}
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(raw), stdout.String(), "%s is not what the command prints: go test ./cmd/kubectl-journey -run TestDocs -update", file)
	return rest
}

// plugin returns what the plugin prints to a terminal. stdout can be redirected.
func plugin(t *testing.T, args []string, stdout *bytes.Buffer) string {
	t.Helper()
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	if stdout != nil {
		c.SetOut(stdout)
	}
	if err := c.ExecuteContext(t.Context()); err != nil {
		out.WriteString("error: " + err.Error() + "\n")
	}
	var lines strings.Builder
	for line := range strings.Lines(out.String()) { // pages have no trailing blanks
		lines.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return lines.String()
}

// words splits a command at blanks, except in double quotes.
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
