// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"
)

// sample is one run of an engine.
type sample struct {
	wall, cpu time.Duration
	// memory is the most that the engine's processes held, in bytes.
	memory  int64
	reached [stages]int64
	note    string
}

// levels reads lines of a depth and the number of persons who have it.
func (s *sample) levels(text string) error {
	for l := range strings.Lines(text) {
		var level int
		var n int64
		if _, err := fmt.Sscan(l, &level, &n); err != nil {
			return err
		}
		for k := range level {
			s.reached[k] += n
		}
	}
	return nil
}

// line of the table.
type line struct {
	row, layout, engine string
	cold, warm, cpu     time.Duration
	memory, bytes       int64
	note                string
}

// measure runs an engine once cold, its process new and its files out of the page cache, and some times warm.
func (b *bench) measure(ctx context.Context, row, layout string, e engine, w world) (err error) {
	if err := forget(e.files()); err != nil {
		return err
	}
	if err := e.start(ctx); err != nil {
		return err
	}
	defer func() { err = firstOf(err, e.stop()) }()
	var samples []sample
	for range b.runs + 1 {
		s, err := e.run(ctx)
		if err != nil {
			return err
		}
		if want := w.truth(); s.reached != want {
			return fmt.Errorf("%s, %s: it found %v, true is %v", e.name(), layout, s.reached, want)
		}
		samples = append(samples, s)
	}
	warm := samples[1:]
	slices.SortFunc(warm, func(a, b sample) int { return cmp.Compare(a.wall, b.wall) })
	median := warm[len(warm)/2]
	l := line{
		row: row, layout: layout, engine: e.name(), cold: samples[0].wall, warm: median.wall, cpu: median.cpu,
		memory: max(samples[0].memory, warm[len(warm)-1].memory), note: median.note,
	}
	if o, ok := e.(*ours); ok {
		l.bytes = o.bytes
	}
	b.table = append(b.table, l)
	b.say("  %s, %s: cold %.2f s, warm %.2f s (%.2f to %.2f), %.2f CPU s, %d MiB %s", l.engine, layout, l.cold.Seconds(), l.warm.Seconds(),
		warm[0].wall.Seconds(), warm[len(warm)-1].wall.Seconds(), l.cpu.Seconds(), l.memory>>20, l.note)
	return nil
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

// print writes the table with the ratios to ClickHouse's row (a), by both ways to keep the names.
func (b *bench) print() {
	base := map[string]time.Duration{}
	for _, l := range b.table {
		if l.row == "a" {
			base[l.engine] = l.warm
		}
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "row\tlayout\tengine\tcold s\twarm s\tCPU s\tpeak MiB\tof CH String (a)\tof CH LowCardinality (a)\t")
	ratio := func(l line, name string) string {
		if base[name] == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f", float64(l.warm)/float64(base[name]))
	}
	for _, l := range b.table {
		fmt.Fprintf(out, "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%d\t%s\t%s\t\n", l.row, l.layout, l.engine, l.cold.Seconds(), l.warm.Seconds(), l.cpu.Seconds(),
			l.memory>>20, ratio(l, "ClickHouse, String"), ratio(l, "ClickHouse, LowCardinality"))
	}
	_ = out.Flush() // standard output
	speed := copySpeed(b.threads)
	for _, l := range b.table {
		if l.bytes > 0 {
			limit := float64(l.bytes) / speed
			fmt.Printf("row (%s), %s: %d MB read; at %.1f GB/s of memory that is %.3f s, the run took %.0f times that\n", l.row, l.layout, l.bytes/1_000_000,
				speed/1e9, limit, l.warm.Seconds()/limit)
		}
	}
}

// copySpeed measures how many bytes a second some threads copy together: what memory gives to a program that looks at each byte once.
func copySpeed(threads int) float64 {
	const size, rounds = 128 << 20, 8
	var wait sync.WaitGroup
	buffers := make([][2][]byte, threads)
	for i := range buffers {
		buffers[i] = [2][]byte{make([]byte, size), make([]byte, size)}
		copy(buffers[i][0], buffers[i][1])
	}
	began := time.Now()
	for i := range threads {
		wait.Go(func() {
			for range rounds {
				copy(buffers[i][0], buffers[i][1])
			}
		})
	}
	wait.Wait()
	return float64(threads) * size * rounds / time.Since(began).Seconds()
}

// cpuModel is what the kernel calls the processor.
func cpuModel() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for l := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
