// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents|copyright)([-._].*)?$`)

// writeLicences writes the licences of Go and of all modules in the build information of the binaries. The licences require that their texts are
// distributed with the programs.
func writeLicences(ctx context.Context, out string, binaries []string) error {
	modules := map[string]string{} // path to version
	for _, path := range binaries {
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			modules[m.Path] = m.Version
		}
	}
	if len(modules) == 0 || out == "" {
		return errors.New("binaries and -out are needed")
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	dirs, err := folders(ctx, modules)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := addTexts(&b, "The Go standard library", strings.TrimSpace(string(root))); err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		if err := addTexts(&b, path+" "+modules[path], dirs[path]); err != nil {
			return err
		}
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

// folders returns the folders of the modules on this machine.
func folders(ctx context.Context, modules map[string]string) (map[string]string, error) {
	args := append([]string{"list", "-m", "-f", "{{.Path}}\t{{.Version}}\t{{.Dir}}"}, slices.Sorted(maps.Keys(modules))...)
	out, err := exec.CommandContext(ctx, "go", args...).Output() //nolint:gosec // paths of modules from our own binaries
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		row := strings.Split(strings.TrimSpace(line), "\t")
		if len(row) != 3 || row[1] != modules[row[0]] {
			return nil, fmt.Errorf("the checkout has not the module that was linked: %q, not %s", strings.TrimSpace(line), modules[row[0]])
		}
		dirs[row[0]] = row[2]
	}
	return dirs, nil
}

// addTexts adds the licence files of a folder. A folder without one is an error, because somebody must check it.
func addTexts(b *bytes.Buffer, title, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := 0
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%s\n%s, %s\n%s\n\n%s\n\n", strings.Repeat("=", 100), title, e.Name(), strings.Repeat("=", 100), bytes.TrimSpace(text))
		found++
	}
	if found == 0 {
		return fmt.Errorf("%s has no file with a licence", title)
	}
	return nil
}
