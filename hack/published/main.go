// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command published recomputes published numbers of open data sets, and prints "data set: what: published / ours".
//
//	published FOLDER
//
// It exits with 1 if a number differs, or if the folder has no data set.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/journeyman-dev/journeyman/test/published"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: published FOLDER")
		os.Exit(2)
	}
	r, err := published.Run(context.Background(), os.Args[1], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "published:", err)
		os.Exit(2)
	}
	fmt.Printf("all: %d/%d\n", r.Total-r.Failed, r.Total)
	if r.Failed > 0 || r.Total == 0 {
		os.Exit(1)
	}
}
