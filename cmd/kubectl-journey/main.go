// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-journey is the kubectl plugin with the commands init, preview, map-test, who, presets, import, erase and remove. It can also be run
// without kubectl.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/journeyman-dev/journeyman/internal/draft"
	"github.com/journeyman-dev/journeyman/internal/maptest"
	"github.com/journeyman-dev/journeyman/internal/preview/output"
	"github.com/journeyman-dev/journeyman/internal/version"
)

func main() {
	// If the reader of the output goes away, as head does, a write returns an error instead of ending the process, so that the temporary store is
	// removed.
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

// Exit codes other than 0.
const (
	exitFailed = 1
	// exitNothing means that everything is valid, but there are no numbers to show or no map, or something in a recorded request is refused.
	exitNothing = 2
	// exitPipe is the code that a shell reports for a program that SIGPIPE ended.
	exitPipe = 128 + int(syscall.SIGPIPE)
)

// exitCode returns the exit code for an error: exitNothing if all joined errors are ErrNothingMature, ErrRefused or ErrNoMap.
func exitCode(err error) int {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			if exitCode(e) == exitFailed {
				return exitFailed
			}
		}
		return exitNothing
	}
	if errors.Is(err, output.ErrNothingMature) || errors.Is(err, maptest.ErrRefused) || errors.Is(err, draft.ErrNoMap) {
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
	c.AddCommand(initCommand(), previewCommand(), mapTestCommand(), whoCommand(), presetsCommand(), importCommand(), eraseCommand(), removeCommand())
	return c
}
