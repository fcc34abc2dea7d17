// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command simulator simulates the customers of an omnichannel shop from a seed, sends their events to the endpoints of TouchpointSources, and
// computes the true numbers of the sample map. See docs/simulator.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/journeyman-dev/journeyman/internal/version"
)

type command struct {
	name, help string
	run        func(ctx context.Context, args []string, out io.Writer) error
}

var commands = []command{
	{"run", "send a world to the endpoints of its sources", run},
	{"files", "write the exported files of an omnichannel world", filesCommand},
	{"truth", "print what the sample map must show at an instant", truthCommand},
	{"compare", "compare the status of objects with the truth", compareCommand},
	{"load", "send the site's events as fast as possible or at a rate, and measure the acknowledgements", loadCommand},
	{"events", "print the events of a world", eventsCommand},
}

// errDiffers means that a status differs from the true numbers. The table with the differences is already printed.
var errDiffers = errors.New("the status differs from the truth")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := execute(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

var errUsage = errors.New("wrong usage")

func execute(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && args[0] == "--version" {
		_, err := fmt.Fprintln(out, version.Line("simulator"))
		return err
	}
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				err := c.run(ctx, args[1:], out)
				if errors.Is(err, flag.ErrHelp) {
					return nil
				}
				return err
			}
		}
	}
	fmt.Fprintln(os.Stderr, "usage: simulator COMMAND [flags], or simulator --version")
	for _, c := range commands {
		fmt.Fprintf(os.Stderr, "  %-8s %s\n", c.name, c.help)
	}
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		return nil
	}
	return fmt.Errorf("%w: unknown command %q", errUsage, args[0])
}
