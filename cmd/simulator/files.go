// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
)

// filesCommand writes a file for each source of files, named like the source, and prints their paths.
func filesCommand(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("files", flag.ContinueOnError)
	worlds := addWorldFlags(f)
	dir := f.String("dir", ".", "folder for the files")
	if err := f.Parse(args); err != nil {
		return err
	}
	w, err := worlds.one()
	if err != nil {
		return err
	}
	if !w.Params.Omnichannel {
		return fmt.Errorf("%w: only an omnichannel world has files", errUsage)
	}
	for _, source := range slices.Sorted(maps.Keys(wire.Files)) {
		path := filepath.Join(*dir, string(source)+".csv")
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(wire.Files[source](w, file), file.Close()); err != nil {
			return err
		}
		fmt.Fprintln(out, path)
	}
	return nil
}
