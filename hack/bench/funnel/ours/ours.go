// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ours measures Journeyman in bench-funnel: the store and the analysis job as processes, over TLS on loopback.
package ours

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// Engine measures one row of the benchmark on Journeyman.
type Engine struct {
	Bench *measure.Bench
	World world.World
	// StoreArgs are additional arguments of the store.
	StoreArgs []string
	// Fresh is the newest share of the time, in percent, that is still in the log.
	Fresh int
	// More also measures retention and paths. Whole runs the job of the map, with its complete status, instead of a report.
	More, Whole bool

	dir string
	rig *rig.Rig
}

var _ measure.Engine = (*Engine)(nil)

// Name of the engine in the table.
func (e *Engine) Name() string { return measure.Journeyman }

// Start starts a store over the filled folder. A new process is started, so that its peak memory is that of the runs.
func (e *Engine) Start(ctx context.Context) (err error) {
	if e.rig != nil {
		return e.rig.StartStore(ctx)
	}
	e.rig, err = rig.New(ctx, rig.Options{
		Bin: e.Bench.Bin, Dir: e.dir, Samples: e.Bench.Samples, StoreArgs: append([]string{"--compact-every", "-1s"}, e.StoreArgs...),
	})
	return err
}

// Stop ends the store.
func (e *Engine) Stop() error {
	if e.rig == nil || e.rig.Store == nil {
		return nil
	}
	return e.rig.Store.Stop()
}

// Files returns the folder of the store's files.
func (e *Engine) Files() string { return filepath.Join(e.dir, "data") }

// Run runs the job once.
func (e *Engine) Run(ctx context.Context) (measure.Sample, error) {
	before, err := e.rig.Store.CPU()
	if err != nil {
		return measure.Sample{}, err
	}
	a, err := e.rig.AnalyseDocument(ctx, e.document(), time.Unix(world.Begin, 0).Add(2*world.End*time.Second))
	if err != nil {
		return measure.Sample{}, err
	}
	after, err := e.rig.Store.CPU()
	if err != nil {
		return measure.Sample{}, err
	}
	peak, err := e.rig.Store.PeakMemory()
	if err != nil {
		return measure.Sample{}, err
	}
	log, err := logBytes(e.Files())
	out := measure.Sample{Wall: a.Took, CPU: after - before + a.CPU, Memory: peak + a.PeakMemory, Bytes: bytesIn(a.Log) + log}
	out.Note = fmt.Sprintf(", store %.2f + job %.2f CPU s, %d + %d MiB", (after - before).Seconds(), a.CPU.Seconds(), peak>>20, a.PeakMemory>>20)
	if err != nil {
		return out, err
	}
	return out, e.read(a.Status, &out.Answer)
}

// bytesIn returns the number of bytes that the store read from files, from the log of a job.
func bytesIn(log string) int64 {
	_, rest, _ := strings.Cut(log, `"msg":"scanned"`)
	_, rest, _ = strings.Cut(rest, `"bytes":`)
	digits, _, _ := strings.Cut(rest, ",")
	n, _ := strconv.ParseInt(digits, 10, 64) // 0 if the log does not have it
	return n
}

// logBytes returns the size of the store's log, which each scan also reads.
func logBytes(data string) (bytes int64, err error) {
	segments, err := os.ReadDir(filepath.Join(data, "log"))
	for _, s := range segments {
		info, failure := s.Info()
		if failure != nil {
			return 0, failure
		}
		bytes += info.Size()
	}
	return bytes, err
}

// read reads the results in a status.
func (e *Engine) read(raw []byte, a *world.Answer) error {
	if e.Whole {
		var status v1alpha1.JourneyMapStatus
		if err := json.Unmarshal(raw, &status); err != nil {
			return err
		}
		if len(status.Stages) != world.Stages {
			return fmt.Errorf("the job gave %d stages", len(status.Stages))
		}
		for i := range a.Reached {
			a.Reached[i] = status.Stages[i].Entered
		}
		return nil
	}
	var status v1alpha1.MetricReportStatus
	if err := json.Unmarshal(raw, &status); err != nil {
		return err
	}
	for _, table := range status.Tables {
		for i, row := range table.Rows {
			if err := readRow(string(table.Name), i, row.Values, a); err != nil {
				return fmt.Errorf("row %d of the table %s is %q: %w", i, table.Name, row.Values, err)
			}
		}
	}
	return nil
}

// readRow reads a row of one of the three tables.
func readRow(table string, i int, values []string, a *world.Answer) (err error) {
	switch {
	case table == funnelTable && i < world.Stages && len(values) > 1:
		a.Reached[i], err = strconv.ParseInt(values[1], 10, 64)
	case table == retentionTable && i < world.Cohorts && len(values) == world.Cohorts+1:
		// The first value is the day of the cohort. Younger cohorts have fewer values.
		for j, v := range values[1 : world.Cohorts-i+1] {
			if a.Kept[i][j], err = strconv.ParseInt(v, 10, 64); err != nil {
				return err
			}
		}
	case table == retentionTable && i == world.Cohorts:
		// the row of all cohorts is skipped, because each cohort is compared
	case table == pathsTable && len(values) == 5:
		edge := world.Edge{Source: values[1], Target: values[2], Average: values[4]}
		if edge.Step, err = strconv.Atoi(values[0]); err == nil {
			edge.Sessions, err = strconv.ParseInt(values[3], 10, 64)
		}
		a.Edges = append(a.Edges, edge)
	default:
		err = fmt.Errorf("it is not expected")
	}
	return err
}
