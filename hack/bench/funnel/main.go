// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command funnel measures a funnel of five stages with a window over many events: the metric job and the store as processes of their
// own, beside ClickHouse's windowFunnel and SQL window functions in DuckDB, over the same rows and with the same number of threads. The
// answers are known by construction; an engine that gives another one fails the run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig"
)

type bench struct {
	bin, dir, samples, clickhouse string
	threads, runs                 int
	storeArgs                     []string
	table                         []line
}

// engine is one of the things to compare.
type engine interface {
	name() string
	start(ctx context.Context) error
	run(ctx context.Context) (sample, error)
	stop() error
	// files is the folder that a cold run reads.
	files() string
}

func main() {
	b := &bench{}
	events := flag.Int("events", 16_000_000, "number of events")
	duckdbQuery := flag.String("duckdb", "", "for this program itself: run a query in DuckDB, print its rows")
	layouts := flag.String("fresh", "0,5,20", "shares of the events, in percent, that are still in the log")
	rows := flag.String("rows", "a,b,c,m", "what to measure: a counts alone, b with identities and duplicates, c with retention and paths, m a whole map")
	engines := flag.String("engines", "journeyman,clickhouse,duckdb", "what to compare")
	flag.StringVar(&b.bin, "bin", "bin", "folder of the programs")
	flag.StringVar(&b.dir, "dir", "", "folder of the data, which later runs use again")
	flag.StringVar(&b.samples, "samples", "config/samples", "folder of the sample objects")
	flag.StringVar(&b.clickhouse, "clickhouse", os.Getenv("CLICKHOUSE"), "host:port of a ClickHouse's HTTP interface, instead of one of our own")
	flag.IntVar(&b.threads, "threads", runtime.NumCPU(), "threads of each engine")
	flag.IntVar(&b.runs, "runs", 5, "warm runs of each engine; the median counts")
	storeArgs := flag.String("store-args", "", "further arguments of the store")
	flag.Parse()
	b.storeArgs = strings.Fields(*storeArgs)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *duckdbQuery != "":
		err = runDuckDB(ctx, b, *duckdbQuery, os.Stdout)
	case b.dir == "" || *events < 10*perHead:
		flag.Usage()
		os.Exit(2) //nolint:gocritic // nothing to clean up yet
	default:
		err = b.all(ctx, *events, *rows, *layouts, *engines)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-funnel:", err)
		os.Exit(1)
	}
}

func (b *bench) say(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}

func (b *bench) all(ctx context.Context, events int, rows, layouts, engines string) error {
	if err := b.absolute(); err != nil {
		return err
	}
	b.say("%s, %s, %d CPUs, %s; copying memory: %.1f GB/s", time.Now().UTC().Format(time.DateOnly), cpuModel(), runtime.NumCPU(),
		runtime.Version(), copySpeed(b.threads)/1e9)
	for row := range strings.SplitSeq(rows, ",") {
		w := newWorld(events, row == "b")
		b.say("row (%s): %d events, %d persons, window %d days; persons who reach the stages: %v", row, w.events, w.persons, window/day, w.truth())
		if row == "c" || row == "m" {
			if err := b.more(ctx, row, w); err != nil {
				return err
			}
			continue
		}
		if err := b.row(ctx, row, w, layouts, engines); err != nil {
			return err
		}
	}
	b.print()
	return nil
}

// row measures one row of the table with every engine that was asked for.
func (b *bench) row(ctx context.Context, row string, w world, layouts, engines string) error {
	if strings.Contains(engines, "clickhouse") {
		if err := b.compareClickHouse(ctx, row, w); err != nil {
			return err
		}
	}
	if strings.Contains(engines, "duckdb") {
		d := &duckdb{bench: b, world: w}
		if err := d.prepare(ctx); err != nil {
			return err
		}
		if err := b.measure(ctx, row, "clustered", d, w); err != nil {
			return err
		}
	}
	if !strings.Contains(engines, "journeyman") {
		return nil
	}
	for text := range strings.SplitSeq(layouts, ",") {
		fresh, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		o := &ours{bench: b, world: w}
		if err := o.prepare(ctx, fresh); err != nil {
			return err
		}
		if err := b.measure(ctx, row, fmt.Sprintf("%d %% fresh", fresh), o, w); err != nil {
			return err
		}
	}
	return nil
}

// more measures what has no equal in one query of the others: the funnel with daily retention and paths in one pass, and all that the
// status of a map shows. The funnel in it is checked as in the other rows.
func (b *bench) more(ctx context.Context, row string, w world) error {
	o := &ours{bench: b, world: w, whole: row == "m", tables: []v1alpha1.Table{
		{Name: "retention", Retention: &v1alpha1.RetentionTable{Period: v1alpha1.DayPeriod}}, {Name: "paths", Paths: &v1alpha1.PathsTable{}},
	}}
	if err := o.prepare(ctx, 0); err != nil {
		return err
	}
	return b.measure(ctx, row, "0 % fresh", o, w)
}

// compareClickHouse measures both ways to keep the name of an event; a world with identities has one.
func (b *bench) compareClickHouse(ctx context.Context, row string, w world) error {
	for _, packed := range []bool{false, true} {
		c := &clickhouse{bench: b, world: w, packed: packed}
		if why := c.available(); why != "" {
			b.say("skipped: ClickHouse: %s", why)
			return nil
		}
		if packed && w.identities {
			continue
		}
		err := c.start(ctx)
		if err == nil {
			err = c.prepare(ctx)
		}
		if err := firstOf(err, c.stop()); err != nil {
			return err
		}
		if err := b.measure(ctx, row, "clustered", c, w); err != nil {
			return err
		}
	}
	return nil
}

func firstOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// absolute makes the folders independent of where a program runs.
func (b *bench) absolute() (err error) {
	for _, path := range []*string{&b.bin, &b.dir, &b.samples} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if _, err := rig.ReadSamples(b.samples); err != nil {
		return err
	}
	return os.MkdirAll(b.dir, 0o700)
}
