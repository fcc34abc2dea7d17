// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

const previewCase = "kubectl journey preview of a CSV file"

// preview measures the sample map's numbers of a file, from the start of the command to its output.
func (b *bench) preview(ctx context.Context) error {
	dir := filepath.Join(b.options.Dir, "preview")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(dir, "events.csv")
	rows, err := writeRows(file, b.sizes.batched)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	//nolint:gosec // a program of this repository
	cmd := exec.CommandContext(ctx, filepath.Join(b.options.Bin, "kubectl-journey"), "preview", "-f", b.options.Samples, "--events", file)
	began := time.Now()
	// It exits with 2 if a report has no value, which is right for a file of the site alone.
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	b.print(&measured{
		name: previewCase, events: rows, bytes: info.Size(), rate: float64(rows) / time.Since(began).Seconds(),
		ingest: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), memory: [2]int64{usage.Maxrss << 10},
	})
	return os.RemoveAll(dir)
}

// writeRows writes a table of the site's events, and returns the number of rows.
func writeRows(file string, events int64) (rows int64, err error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := bigWorld(events)
	if err != nil {
		return 0, err
	}
	buffered := bufio.NewWriter(f)
	table := csv.NewWriter(buffered)
	if err := table.Write([]string{"id", "event", "time", "source", "channel", "customerId", "email", "anonymousId", "sessionId"}); err != nil {
		return 0, err
	}
	for h := range w.Households() {
		for _, e := range w.Household(h) {
			if e.Source != world.Web || e.Kind == world.Identify {
				continue
			}
			row := []string{
				e.ID, e.Name, wire.Stamp(e.Time), string(e.Source), e.Source.Channel(), e.Identities.CustomerID, e.Identities.Email,
				e.Identities.AnonymousID, e.Identities.AnonymousID,
			}
			if err := table.Write(row); err != nil {
				return 0, err
			}
			if rows++; rows == events {
				table.Flush()
				return rows, errors.Join(table.Error(), buffered.Flush())
			}
		}
	}
	return 0, fmt.Errorf("the simulated world has only %d events", rows)
}
