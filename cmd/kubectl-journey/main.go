// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-journey is the kubectl plugin: kubectl journey preview, who and erase. It runs without a cluster as well, as kubectl-journey.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/version"
)

func main() {
	// Who reads no further, as head does, must not end the program before it has removed its store: writes give an error instead.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	err := root().ExecuteContext(ctx)
	switch {
	case errors.Is(err, syscall.EPIPE):
		os.Exit(exitPipe)
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(exitCode(err))
	}
}

// Exit codes next to 0.
const (
	exitFailed = 1
	// exitNothing is for what is right and has no numbers to show.
	exitNothing = 2
	// exitPipe is what a shell shows for a program that a closed pipe has ended.
	exitPipe = 128 + int(syscall.SIGPIPE)
)

// exitCode of an error: exitNothing if nothing else is wrong.
func exitCode(err error) int {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			if exitCode(e) == exitFailed {
				return exitFailed
			}
		}
		return exitNothing
	}
	if errors.Is(err, output.ErrNothingMature) {
		return exitNothing
	}
	return exitFailed
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use: "kubectl-journey", Short: "Customer journeys as code: show maps and their numbers", Version: version.Version,
		SilenceUsage: true, SilenceErrors: true,
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl journey"},
	}
	c.SetVersionTemplate(version.Line("kubectl journey") + "\n")
	c.AddCommand(previewCommand(), whoCommand(), eraseCommand())
	return c
}
