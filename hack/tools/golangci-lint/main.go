// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command golangci-lint is golangci-lint with the linter for Kubernetes APIs, because golangci-lint only has module plugins that are compiled into
// it.
package main

import (
	"fmt"
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "sigs.k8s.io/kube-api-linter"
)

// version of golangci-lint in go.mod.
const version = "2.15.0"

func main() {
	info := commands.BuildInfo{GoVersion: "unknown", Version: version, Commit: "from the Go module", Date: "unknown"}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintln(os.Stderr, "golangci-lint:", err)
		os.Exit(exitcodes.Failure)
	}
}
