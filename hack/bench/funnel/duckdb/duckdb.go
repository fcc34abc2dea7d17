// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package duckdb runs the queries of bench-funnel on DuckDB: SQL window functions over one sorted Parquet file, in a process of its own.
package duckdb

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/duckdb/duck"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// Engine measures one row of the benchmark on DuckDB.
type Engine struct {
	Bench *measure.Bench
	World world.World
	// More also runs the queries for retention and paths.
	More bool
}

var _ measure.Engine = (*Engine)(nil)

// Name of the engine in the table.
func (e *Engine) Name() string { return "DuckDB, window functions" }

// Files returns the folder of the Parquet files.
func (e *Engine) Files() string {
	return filepath.Join(e.Bench.Dir, fmt.Sprintf("duckdb-%d-%s", e.World.Events, e.World.Stamp()))
}

func (e *Engine) file(kind string) string { return filepath.Join(e.Files(), kind+".parquet") }

// Start does nothing, because each run is a process of its own.
func (e *Engine) Start(context.Context) error { return nil }

// Stop does nothing.
func (e *Engine) Stop() error { return nil }

const (
	memoryLimit = 8 << 30
	tempLimit   = 20 << 30
)

func open(dir string, threads int) (*duck.DB, error) {
	return duck.Open(duck.Options{MemoryLimit: measure.Most(memoryLimit), Threads: threads, TempDir: dir, TempLimit: tempLimit})
}

// Run starts a process that runs all queries, and reads the results.
func (e *Engine) Run(ctx context.Context) (out measure.Sample, err error) {
	self, err := os.Executable()
	if err != nil {
		return out, err
	}
	args := []string{"-duckdb", "-dir", e.Files(), "-threads", strconv.Itoa(e.Bench.Threads)}
	for question := range world.QuestionsOf(e.More) {
		args = append(args, e.sql(question))
	}
	//nolint:gosec // this program itself
	cmd := exec.CommandContext(ctx, self, args...)
	var failure strings.Builder
	cmd.Stderr = &failure
	began := time.Now()
	text, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%w: %.300s", err, failure.String())
	}
	out.Wall = time.Since(began)
	out.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	answers := strings.Split(string(text), endOfAnswer)
	last := len(answers) - 1
	if last != world.QuestionsOf(e.More) {
		return out, fmt.Errorf("%d answers, %d questions", last, world.QuestionsOf(e.More))
	}
	for question, answer := range answers[:last] {
		if err := out.Answer.Read(question, answer); err != nil {
			return out, err
		}
	}
	out.Memory, err = strconv.ParseInt(strings.TrimSpace(answers[last]), 10, 64)
	return out, err
}

// endOfAnswer follows the lines of each result. The peak memory comes last.
const endOfAnswer = "--\n"

// Serve is the main function of that process. It prints the rows of each statement.
func Serve(ctx context.Context, dir string, threads int, statements []string, w io.Writer) error {
	db, err := open(dir, threads)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, sql := range statements {
		if err := printRows(ctx, conn, sql, w); err != nil {
			return err
		}
		if _, err := io.WriteString(w, endOfAnswer); err != nil {
			return err
		}
	}
	// Measured in the process itself: the kernel's number for a child process includes the memory of the parent at the time of the fork.
	peak, err := rig.PeakMemory(os.Getpid())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, peak)
	return err
}

func printRows(ctx context.Context, conn *duck.Conn, sql string, w io.Writer) error {
	return conn.Each(ctx, sql, func(batch arrow.RecordBatch) error {
		for i := range int(batch.NumRows()) {
			var values []string
			for _, column := range batch.Columns() {
				switch c := column.(type) {
				case *array.Int64:
					values = append(values, strconv.FormatInt(c.Value(i), 10))
				case *array.String:
					values = append(values, c.Value(i))
				default:
					return fmt.Errorf("a column of type %s is not expected", column.DataType())
				}
			}
			if _, err := fmt.Fprintln(w, strings.Join(values, "\t")); err != nil {
				return err
			}
		}
		return nil
	})
}
