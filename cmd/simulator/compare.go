// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/compare"
	"github.com/journeyman-dev/journeyman/internal/simulator/send"
	"github.com/journeyman-dev/journeyman/internal/simulator/truth"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
)

func truthCommand(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("truth", flag.ContinueOnError)
	worlds := addWorldFlags(f)
	asOf := f.String("as-of", "", "time of analysis, RFC 3339 (default: the end of the world)")
	lookback := f.Duration("lookback", 30*24*time.Hour, "lookback of the map")
	if err := f.Parse(args); err != nil {
		return err
	}
	all, err := worlds.all()
	if err != nil {
		return err
	}
	q := truth.Question{AsOf: all[0].Params.Now, Window: all[0].Params.Window, Lookback: *lookback}
	if *asOf != "" {
		if q.AsOf, err = time.Parse(time.RFC3339, *asOf); err != nil {
			return fmt.Errorf("%w: --as-of: %w", errUsage, err)
		}
	}
	var sent []wire.Tally
	for _, w := range all {
		_, tally := send.Plan(w, 0, time.Time{})
		sent = append(sent, tally)
	}
	return printJSON(out, map[string]any{"map": truth.Compute(q, all...), "sent": sent})
}

func compareCommand(_ context.Context, args []string, out io.Writer) error {
	f := flag.NewFlagSet("compare", flag.ContinueOnError)
	worlds := addWorldFlags(f)
	var files texts
	for _, name := range []string{"map", "report", "sources", "store", "objects"} {
		f.Var(&files, name, "file with objects as kubectl prints them in JSON, or - for the standard input; may be repeated")
	}
	quiet := f.Bool("quiet", false, "print only the lines that differ")
	if err := f.Parse(args); err != nil {
		return err
	}
	all, err := worlds.all()
	if err != nil {
		return err
	}
	objects, err := readObjects(files)
	if err != nil {
		return err
	}
	var sent []wire.Tally
	if len(objects.Sources)+len(objects.Stores) > 0 {
		for _, w := range all {
			_, tally := send.Plan(w, 0, time.Time{})
			sent = append(sent, tally)
		}
	}
	table, err := objects.Compare(sent, all...)
	if err != nil {
		return err
	}
	if err := table.Print(out, *quiet); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d numbers compared, %d differ\n", len(table.Lines), table.Wrong())
	if table.Wrong() > 0 {
		return errDiffers
	}
	return nil
}

func readObjects(files []string) (*compare.Objects, error) {
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: give --map, --report, --sources, --store or --objects", errUsage)
	}
	objects := &compare.Objects{}
	for _, name := range files {
		if err := readFile(objects, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return objects, nil
}

func readFile(objects *compare.Objects, name string) error {
	if name == "-" {
		return objects.Read(os.Stdin)
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	return objects.Read(file)
}
