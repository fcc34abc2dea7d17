// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package measure runs the engines of bench-funnel, checks their results, and prints the time and memory that they used.
package measure

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// Bench is the configuration that all engines share.
type Bench struct {
	// Bin is the folder of the programs, Dir the folder of the data, and Samples the folder of the sample objects.
	Bin, Dir, Samples string
	// ClickHouse is the host:port of a given server, or empty for a local one.
	ClickHouse string
	// Threads is the number of threads of each engine, Runs the number of warm runs.
	Threads, Runs int

	lines []line
	speed float64
}

// Say prints a line.
func (b *Bench) Say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// Engine is a system that is measured.
type Engine interface {
	// Name of the engine. It is the same in all rows.
	Name() string
	// Start starts a new process for a cold run. Stop ends it.
	Start(ctx context.Context) error
	Stop() error
	// Run runs the query of the row once.
	Run(ctx context.Context) (Sample, error)
	// Files is the folder that is removed from the page cache before a cold run, or empty if this is not possible.
	Files() string
}

// Sample is one run of an engine.
type Sample struct {
	// Wall is the elapsed time of the run, CPU the CPU time of all processes of the engine.
	Wall, CPU time.Duration
	// Memory is the peak memory of the engine's processes, Bytes the number of bytes read. They are 0 if unknown.
	Memory, Bytes int64
	// Answer is the result of the queries.
	Answer world.Answer
	// Note is printed after the numbers.
	Note string
}

// Row is one row of the table: a query over one layout of the data.
type Row struct {
	// Name of the row, and Place in the order of the table.
	Name  string
	Place int
	// Layout of the data.
	Layout string
	// More also measures retention and paths.
	More bool
	// Truth is the correct result.
	Truth *world.Answer
	// MayFail continues the run if an engine other than Journeyman fails because of missing memory, disk space or time.
	MayFail bool
}

// line of the table.
type line struct {
	place               int
	row, layout, engine string
	cold, warm, cpu     time.Duration
	memory, bytes       int64
}

// enough is the total time of the warm runs of an engine, so that a slow engine has fewer runs, but at least one.
const enough = 40 * time.Second

// Measure runs an engine once cold, in a new process and without its files in the page cache, and several times warm.
func (b *Bench) Measure(ctx context.Context, r Row, e Engine) error {
	samples, err := b.samples(ctx, r, e)
	if err != nil && r.MayFail && ctx.Err() == nil && !isWrong(err) {
		b.Say("  row (%s), %s, %s: gave up: %v", r.Name, e.Name(), r.Layout, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("row (%s), %s, %s: %w", r.Name, e.Name(), r.Layout, err)
	}
	warm := samples[1:]
	slices.SortFunc(warm, func(a, b Sample) int { return cmp.Compare(a.Wall, b.Wall) })
	median := warm[len(warm)/2]
	l := line{
		place: r.Place, row: r.Name, layout: r.Layout, engine: e.Name(), cold: samples[0].Wall, warm: median.Wall, cpu: median.CPU, bytes: median.Bytes,
	}
	for _, s := range samples {
		l.memory = max(l.memory, s.Memory)
	}
	b.lines = append(b.lines, l)
	b.Say("  row (%s), %s, %s: cold %.2f s, warm %.2f s (%d runs, %.2f to %.2f), %.2f CPU s, %d MiB%s", l.row, l.engine, l.layout, l.cold.Seconds(),
		l.warm.Seconds(), len(warm), warm[0].Wall.Seconds(), warm[len(warm)-1].Wall.Seconds(), l.cpu.Seconds(), l.memory>>20, median.Note)
	return nil
}

// wrong is an error for a result that is not correct.
type wrong string

func (w wrong) Error() string { return string(w) }

func isWrong(err error) bool {
	_, is := err.(wrong) //nolint:errorlint // it is given as it is
	return is
}

func (b *Bench) samples(ctx context.Context, r Row, e Engine) (samples []Sample, err error) {
	if err := forget(e.Files()); err != nil {
		return nil, err
	}
	if err := e.Start(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if stopped := e.Stop(); err == nil {
			err = stopped
		}
	}()
	began := time.Now()
	for len(samples) < 2 || len(samples) <= b.Runs && time.Since(began) < enough {
		s, err := e.Run(ctx)
		if err != nil {
			return nil, err
		}
		if why := s.Answer.Differs(r.Truth, r.More); why != "" {
			return nil, wrong(why)
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// forget removes the files of a folder from the page cache.
func forget(dir string) error {
	if dir == "" {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path) //nolint:gosec // a folder of the benchmark's own
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		// dirty pages cannot be dropped, so write them first
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return err
		}
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}
