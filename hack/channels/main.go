// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command channels sends the sample requests of other systems through ingestion, and prints the differences from what they expect.
//
//	channels [-strict] FOLDER-OR-FILE...
//	channels -files FOLDER
//
// With -files, it imports the exported files of each system in the folder, in several ways.
// It exits with 1 if a sample differs. With -strict, it also does if nothing is built for a sample that is sent to us.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/journeyman-dev/journeyman/test/channels"
)

func main() {
	strict := flag.Bool("strict", false, "also fail if nothing is built for a sample")
	exported := flag.String("files", "", "folder with exported files of systems, a folder each")
	flag.Parse()
	failed, missing, err := 0, 0, error(nil)
	if *exported != "" {
		failed, err = runExports(context.Background(), *exported)
	} else {
		failed, missing, err = run(context.Background(), flag.Args())
	}
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "channels:", err)
		os.Exit(2)
	case failed > 0, *strict && missing > 0:
		os.Exit(1)
	}
}

// run returns the number of samples that differ, and of those for which nothing is built.
func run(ctx context.Context, paths []string) (failed, missing int, err error) {
	files, err := expand(paths)
	if err != nil {
		return 0, 0, err
	}
	var results []channels.Result
	for _, file := range files {
		r, err := channels.RunFile(ctx, os.Stdout, file)
		if err != nil {
			return 0, 0, err
		}
		failed, missing = failed+r.Failed, missing+r.NotBuilt()
		results = append(results, r)
	}
	return failed, missing, channels.Table(os.Stdout, results)
}

// runExports returns the number of samples of files that differ.
func runExports(ctx context.Context, dir string) (failed int, err error) {
	results, err := channels.RunExports(ctx, os.Stdout, dir)
	if err != nil {
		return 0, err
	}
	for i := range results {
		failed += results[i].Failed
	}
	return failed, channels.Table(os.Stdout, results)
}

// expand replaces folders by their files.
func expand(paths []string) (files []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		in, err := channels.Files(path)
		if err != nil {
			return nil, err
		}
		files = append(files, in...)
	}
	return files, nil
}
