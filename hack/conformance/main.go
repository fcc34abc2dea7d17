// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command conformance runs case files through store and analysis, and prints the differences from the expected numbers.
//
//	conformance [-run ID-PREFIX] FOLDER-OR-FILE...
//
// It exits with 1 if a case differs, unless the case is marked as a quirk of another product.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/journeyman-dev/journeyman/test/conformance"
)

func main() {
	prefix := flag.String("run", "", "run only cases whose id begins with this")
	flag.Parse()
	failed, err := run(context.Background(), flag.Args(), *prefix)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(2)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// run returns the number of cases that differ and are not marked as quirks, plus the number of files that cannot be read.
func run(ctx context.Context, paths []string, prefix string) (failed int, err error) {
	files, err := expand(paths)
	if err != nil {
		return 0, err
	}
	if len(files) == 0 {
		return 0, fmt.Errorf("no case files in %q", paths)
	}
	passed, total, unread := 0, 0, 0
	for _, file := range files {
		cases, err := conformance.Load(file)
		if err != nil {
			fmt.Printf("%s: cannot be read: %v\n", filepath.Base(file), err)
			unread++
			continue
		}
		result := conformance.RunFile(ctx, os.Stdout, filepath.Base(file), cases, prefix)
		passed, total, failed = passed+result.Passed, total+result.Total, failed+result.Failed
	}
	fmt.Printf("all: %d/%d", passed, total)
	if quirks := total - passed - failed; quirks > 0 {
		fmt.Printf(" (%d quirks of peers disagree)", quirks)
	}
	fmt.Println()
	return failed + unread, nil
}

func expand(paths []string) (files []string, err error) {
	for _, p := range paths {
		if strings.HasSuffix(p, ".json") {
			files = append(files, p)
			continue
		}
		in, err := conformance.Files(p)
		if err != nil {
			return nil, err
		}
		files = append(files, in...)
	}
	return files, nil
}
