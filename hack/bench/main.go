// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Command bench measures the data plane with real processes on this machine: the CPU time of an acknowledged event, the latency of the
// acknowledgement, and the time and memory of an analysis of many events. It prints tables for the docs. It has no pass or fail.
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
	"text/tabwriter"
	"time"

	"github.com/journeyman-dev/journeyman/test/rig"
	"github.com/journeyman-dev/journeyman/test/rig/kafka"
)

// sizes of a run: events of the two loads, and of the analyses.
type sizes struct {
	single, batched int64
	analysed        []int64
}

var known = map[string]sizes{
	"short": {single: 20_000, batched: 200_000, analysed: []int64{200_000}},
	"full":  {single: 200_000, batched: 1_000_000, analysed: []int64{1_000_000, 10_000_000}},
}

type bench struct {
	options rig.Options
	sizes   sizes
	out     *tabwriter.Writer
	parts   string
	// cases of ingestion to measure: those whose name contains it.
	cases string
	// memory of the store and names of the scans by session.
	memory, scans string
}

func main() {
	kafka.Main()
	b := &bench{out: tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)}
	size := flag.String("size", "full", "short or full")
	flag.StringVar(&b.options.Bin, "bin", "bin", "folder of the programs")
	flag.StringVar(&b.options.Samples, "samples", "config/samples", "folder of the sample objects")
	flag.StringVar(&b.options.Dir, "dir", "", "empty folder for the data")
	flag.StringVar(&b.parts, "parts", "ingest,analysis", "what to measure: ingest, analysis, sessions, load")
	flag.StringVar(&b.cases, "cases", "", "sources of ingest whose name contains it, such as Kafka; all by default")
	flag.StringVar(&b.memory, "store-memory", "2048MiB", "GOMEMLIMIT of the store of sessions and load: what the operator sets by default")
	flag.StringVar(&b.scans, "scans", "session,session+details,person,person+details", "scans of the sessions")
	analysed := flag.String("analyse", "", "numbers of events to analyse, separated by commas, instead of those of the size")
	flag.Parse()
	var ok bool
	if b.sizes, ok = known[*size]; !ok || b.options.Dir == "" || b.analyse(*analysed) != nil {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	fmt.Printf("%s, %s, %d CPUs, %s, %s\n", time.Now().UTC().Format(time.DateOnly), cpuModel(), runtime.NumCPU(), runtime.Version(), *size)
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"ingest", b.ingest}, {"analysis", b.analysis}, {"sessions", b.sessions}, {"load", b.history}} {
		if !strings.Contains(b.parts, part.name) {
			continue
		}
		if err := part.run(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", part.name+":", err)
			os.Exit(1)
		}
	}
}

// analyse parses the list of numbers in the flag.
func (b *bench) analyse(list string) error {
	if list == "" {
		return nil
	}
	b.sizes.analysed = nil
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		b.sizes.analysed = append(b.sizes.analysed, n)
	}
	return nil
}

// cpuModel returns the kernel's name of the processor.
func cpuModel() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(raw)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// fresh returns a rig with a new folder.
func (b *bench) fresh(ctx context.Context, name string, storeArgs ...string) (*rig.Rig, error) {
	o := b.options
	o.Dir, o.StoreArgs = filepath.Join(o.Dir, name), storeArgs
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	return rig.New(ctx, o)
}

// settle waits until the store has flushed its log.
func settle(ctx context.Context, r *rig.Rig) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	for {
		state, err := c.State(ctx)
		if err != nil {
			return err
		}
		if state.Health.UnflushedBytes == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
