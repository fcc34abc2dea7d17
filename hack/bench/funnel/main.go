// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command funnel measures a funnel of five stages with a window over many events, alone and with retention and paths. It compares the store and the
// analysis job, as processes, with ClickHouse and with SQL window functions in DuckDB. All use the same rows and the same number of threads. The
// generator of the events knows the correct results. The run fails if an engine returns other results.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// plan is what the run measures.
type plan struct {
	bench     *measure.Bench
	events    int
	rows      []string
	layouts   []int
	engines   string
	storeArgs []string
	// keep does not remove the data folders, so that later runs use them again.
	keep bool
}

func main() {
	b := &measure.Bench{}
	p := &plan{bench: b}
	flag.IntVar(&p.events, "events", 16_000_000, "number of events")
	child := flag.Bool("duckdb", false, "for this program itself: run the statements that are its arguments in DuckDB, print their rows")
	layouts := flag.String("fresh", "0,5,20", "shares of the events, in percent, that are fresh")
	rows := flag.String("rows", rowNames,
		"what to measure: a counts alone, b with identities and duplicates, ac and c are a and b with retention and paths, m a whole map")
	flag.StringVar(&p.engines, "engines", "clickhouse,duckdb,journeyman", "what to compare")
	flag.StringVar(&b.Bin, "bin", "bin", "folder of the programs")
	flag.StringVar(&b.Dir, "dir", "", "folder of the data")
	flag.BoolVar(&p.keep, "keep", true, "leave the filled folders for later runs; else they go as soon as they were measured")
	flag.StringVar(&b.Samples, "samples", "config/samples", "folder of the sample objects")
	flag.StringVar(&b.ClickHouse, "clickhouse", os.Getenv("CLICKHOUSE"), "host:port of a ClickHouse's HTTP interface, instead of one of our own")
	flag.IntVar(&b.Threads, "threads", runtime.NumCPU(), "threads of each engine")
	flag.IntVar(&b.Runs, "runs", 5, "warm runs of each engine, fewer of slow ones; the median counts")
	storeArgs := flag.String("store-args", "", "further arguments of the store")
	flag.Parse()
	p.storeArgs, p.rows = strings.Fields(*storeArgs), strings.Split(*rows, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.start(ctx, *child, *layouts); err != nil {
		fmt.Fprintln(os.Stderr, "bench-funnel:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func (p *plan) start(ctx context.Context, child bool, layouts string) error {
	if child {
		return duckdb.Serve(ctx, p.bench.Dir, p.bench.Threads, flag.Args(), os.Stdout)
	}
	if p.bench.Dir == "" || p.events < 20_000 || p.bench.Runs < 1 {
		return errors.New("-dir, at least 20000 -events and one of -runs are needed")
	}
	for text := range strings.SplitSeq(layouts, ",") {
		fresh, err := strconv.Atoi(text)
		if err != nil || fresh != 0 && fresh != 5 && fresh != 20 {
			return fmt.Errorf("-fresh=%s: 0, 5 and 20 are known", layouts)
		}
		p.layouts = append(p.layouts, fresh)
	}
	if err := fewer(p.bench.Threads); err != nil {
		return err
	}
	if err := p.absolute(); err != nil {
		return err
	}
	return p.run(ctx)
}

// fewer limits this program and its child processes to a number of processors. It executes the program again, because a child process inherits the
// affinity of the thread that starts it.
func fewer(threads int) error {
	if threads == runtime.NumCPU() {
		return nil
	}
	if threads < 1 || threads > runtime.NumCPU() {
		return fmt.Errorf("-threads=%d: this machine has %d", threads, runtime.NumCPU())
	}
	runtime.LockOSThread()
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return err
	}
	for cpu := 0; some.Count() < threads; cpu++ {
		if all.IsSet(cpu) {
			some.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ()) //nolint:gosec // this program itself
}

// absolute makes the paths of folders absolute, because the programs run in other folders.
func (p *plan) absolute() (err error) {
	b := p.bench
	for _, path := range []*string{&b.Bin, &b.Dir, &b.Samples} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if _, err := rig.ReadSamples(b.Samples); err != nil {
		return err
	}
	if w := world.New(p.events, false); w.Persons >= 1<<26 {
		return fmt.Errorf("-events=%d: the generator knows fewer than %d persons", p.events, 1<<26)
	}
	return os.MkdirAll(b.Dir, 0o700)
}
