// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	bindings "github.com/duckdb/duckdb-go-bindings"
)

// Rows is the result of a query. Rows are computed while they are read.
type Rows struct {
	ctx     context.Context
	stop    func()
	stmt    bindings.PreparedStatement
	result  bindings.Result
	options bindings.ArrowOptions
	schema  *arrow.Schema
}

// Query runs a statement. If the context ends, the query is interrupted.
func (c *Conn) Query(ctx context.Context, sql string) (*Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &Rows{ctx: ctx}
	if bindings.Prepare(c.conn, sql, &r.stmt) == bindings.StateError {
		err := fmt.Errorf("duckdb: %s", bindings.PrepareError(r.stmt))
		bindings.DestroyPrepare(&r.stmt)
		return nil, err
	}
	r.stop = c.interruptAfter(ctx)
	if err := r.start(); err != nil {
		r.stop()
		bindings.DestroyPrepare(&r.stmt)
		return nil, errors.Join(ctx.Err(), err)
	}
	return r, nil
}

// interruptAfter interrupts the query of the connection when the context ends, until the returned function is called.
func (c *Conn) interruptAfter(ctx context.Context) func() {
	var mu sync.Mutex
	running := true
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if running {
			bindings.Interrupt(c.conn)
		}
	})
	return func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		running = false
	}
}

// start executes the query until the first rows are available.
func (r *Rows) start() error {
	var pending bindings.PendingResult
	// Only a streaming result is not buffered. The function is deprecated, but has no successor.
	state := bindings.PendingPreparedStreaming(r.stmt, &pending)
	defer bindings.DestroyPending(&pending)
	if state == bindings.StateError {
		return fmt.Errorf("duckdb: %s", bindings.PendingError(pending))
	}
	if bindings.ExecutePending(pending, &r.result) == bindings.StateError {
		err := fmt.Errorf("duckdb: %s", bindings.ResultError(&r.result))
		bindings.DestroyResult(&r.result)
		return err
	}
	r.options = bindings.ResultGetArrowOptions(&r.result)
	if err := r.makeSchema(); err != nil {
		bindings.DestroyArrowOptions(&r.options)
		bindings.DestroyResult(&r.result)
		return err
	}
	return nil
}

func (r *Rows) makeSchema() error {
	n := bindings.ColumnCount(&r.result)
	names, types := make([]string, n), make([]bindings.LogicalType, n)
	for i := range n {
		names[i], types[i] = bindings.ColumnName(&r.result, i), bindings.ColumnLogicalType(&r.result, i)
	}
	schema, failure := bindings.NewArrowSchema(r.options, types, names)
	for i := range types {
		bindings.DestroyLogicalType(&types[i])
	}
	r.schema = schema
	return asError(failure)
}

// Schema of the rows.
func (r *Rows) Schema() *arrow.Schema { return r.schema }

// Next returns the next rows, or io.EOF. The caller releases them.
func (r *Rows) Next() (arrow.RecordBatch, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	chunk := bindings.FetchChunk(r.result)
	if chunk.Ptr == nil {
		if message := bindings.ResultError(&r.result); message != "" {
			return nil, errors.Join(r.ctx.Err(), fmt.Errorf("duckdb: %s", message))
		}
		return nil, io.EOF
	}
	defer bindings.DestroyDataChunk(&chunk)
	if bindings.DataChunkGetSize(chunk) == 0 {
		// a streaming result can end with an empty chunk
		return nil, io.EOF
	}
	batch, failure := bindings.DataChunkToArrowArray(r.options, r.schema, chunk)
	if err := asError(failure); err != nil {
		return nil, err
	}
	return batch, nil
}

// Close ends the query, even if it is not finished.
func (r *Rows) Close() {
	r.stop()
	bindings.DestroyArrowOptions(&r.options)
	bindings.DestroyResult(&r.result)
	bindings.DestroyPrepare(&r.stmt)
}

func asError(failure bindings.ErrorData) error {
	defer bindings.DestroyErrorData(&failure)
	if !bindings.ErrorDataHasError(failure) {
		return nil
	}
	return fmt.Errorf("duckdb: %s", bindings.ErrorDataMessage(failure))
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Each calls f with each batch of the result of a query.
func (c *Conn) Each(ctx context.Context, sql string, f func(arrow.RecordBatch) error) error {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		batch, err := rows.Next()
		if err != nil {
			return ignoreEOF(err)
		}
		err = f(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
}
