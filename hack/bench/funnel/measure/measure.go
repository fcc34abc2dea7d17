// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package measure runs the engines of bench-funnel, checks what they found, and prints what they took.
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

// Bench is what all engines know.
type Bench struct {
	// Bin is the folder of the programs, Dir that of the data, Samples that of the sample objects.
	Bin, Dir, Samples string
	// ClickHouse is the host:port of a given server; empty for one of our own.
	ClickHouse string
	// Threads of each engine; Runs is the number of warm runs.
	Threads, Runs int

	lines []line
	speed float64
}

// Say prints a line.
func (b *Bench) Say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// Engine is one of the things to compare.
type Engine interface {
	// Name of the engine, the same in all rows.
	Name() string
	// Start starts a new process, for a cold run; Stop ends it.
	Start(ctx context.Context) error
	Stop() error
	// Run answers the row's question once.
	Run(ctx context.Context) (Sample, error)
	// Files is the folder that a cold run reads; empty when it is not ours to make cold.
	Files() string
}

// Sample is one run of an engine.
type Sample struct {
	// Wall is the time that the user waits, CPU what all processes of the engine used.
	Wall, CPU time.Duration
	// Memory is the most that the engine's processes held, Bytes what was read; 0 where that is not known.
	Memory, Bytes int64
	// Answer is what the engine found.
	Answer world.Answer
	// Note is printed behind the numbers.
	Note string
}

// Row is a row of the table.
type Row struct {
	// Name is what the row is called; Place is where it stands in the table.
	Name  string
	Place int
	// Layout of the data.
	Layout string
	// More asks for retention and paths beside the funnel.
	More bool
	// Truth is the answer that has to be found.
	Truth *world.Answer
	// MayFail says that an engine of others may give up for want of memory, disk or time; the run then goes on.
	MayFail bool
}

// line of the table.
type line struct {
	place               int
	row, layout, engine string
	cold, warm, cpu     time.Duration
	memory, bytes       int64
}

// enough is how long the warm runs of an engine go on: a slow one has fewer of them, but one at least.
const enough = 40 * time.Second

// Measure runs an engine once cold, its process new and its files out of the page cache, and some times warm.
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

// wrong is a number that is not the true one.
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

// forget takes the files of a folder out of the page cache, and no others.
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
		// Pages that are not on the disk yet cannot be dropped.
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return err
		}
		return unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
	})
}
