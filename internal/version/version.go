// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package version contains the version of a program, which hack/build.sh sets at link time.
package version

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// Version is the version of the program, such as v0.1.0, or the output of git describe. It is "dev" in a build without hack/build.sh.
var Version = "dev"

// Commit is the Git commit of the program, empty in a build without hack/build.sh.
var Commit string

// commit returns Commit, or the commit that the Go tool chain recorded. It is empty if neither is known.
func commit() string {
	if Commit != "" {
		return Commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}

// Line returns what a program prints with --version, without a line break: "store version v0.1.0 (commit 1c2d…, go1.26.8)".
func Line(program string) string {
	built := runtime.Version()
	if c := commit(); c != "" {
		built = "commit " + c + ", " + built
	}
	return fmt.Sprintf("%s version %s (%s)", program, Version, built)
}

// Parse adds the flag --version to f and parses args. If the flag is set, Parse writes Line of the name of f to out, and returns flag.ErrHelp: the
// program ends successfully, as with --help.
func Parse(f *flag.FlagSet, args []string, out io.Writer) error {
	show := f.Bool("version", false, "print the version and exit")
	if err := f.Parse(args); err != nil {
		return err
	}
	if !*show {
		return nil
	}
	if _, err := fmt.Fprintln(out, Line(f.Name())); err != nil {
		return fmt.Errorf("print the version: %w", err)
	}
	return flag.ErrHelp
}
