// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package compact rewrites the store's files: it flushes the log into sorted files, merges these, erases persons, and removes what is beyond the
// retention. One lock serialises these operations. A background loop runs what is due.
package compact

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/catalog"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/load"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/results"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

// Options of a compactor.
type Options struct {
	Clock func() time.Time
	// Retention of events, by their time; 0 keeps them forever.
	Retention time.Duration
	// SegmentBytes is the size of the log from which it is flushed.
	SegmentBytes int64
	// Every is the interval at which the log is flushed, however short it is. If negative, it is not flushed by time.
	Every  time.Duration
	Logger *slog.Logger
}

// Compactor rewrites files.
type Compactor struct {
	options Options
	volume  *volume.Volume
	catalog *catalog.Catalog
	writer  *writer.Writer
	files   *rewrite.Files
	results *results.Results
	loads   *load.Loads

	// mu is held by every operation that changes sorted files.
	mu sync.Mutex
	// removing is held while rows are removed, and in part while a snapshot is pinned. It is taken after mu.
	removing *semaphore.Weighted
}

// New returns a compactor for an open volume.
func New(v *volume.Volume, c *catalog.Catalog, w *writer.Writer, f *rewrite.Files, r *results.Results, l *load.Loads, o Options) *Compactor {
	return &Compactor{options: o, volume: v, catalog: c, writer: w, files: f, results: r, loads: l, removing: semaphore.NewWeighted(everyPin)}
}

// retainEvery is the interval at which the loop looks for events beyond their retention.
const retainEvery = time.Hour

// Run runs what is due until the context ends: it flushes the log when it is long, as full signals, or old, merges files, and removes expired ones.
func (c *Compactor) Run(ctx context.Context, full <-chan struct{}) {
	if c.options.Every < 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(c.options.Every)
	defer ticker.Stop()
	var retained time.Time
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-full:
			if err = c.tendPins(); err == nil && c.catalog.Memtable().Bytes() >= c.options.SegmentBytes {
				err = c.Compact(ctx)
			}
		case <-ticker.C:
			err = c.Compact(ctx)
			if now := c.options.Clock(); c.options.Retention > 0 && now.Sub(retained) >= retainEvery {
				retained = now
				err = errors.Join(err, c.DropExpired(ctx))
			}
		}
		if err != nil && ctx.Err() == nil {
			c.options.Logger.Error("flush failed; retrying", "error", err)
		}
	}
}

// begin waits until files can be changed.
func (c *Compactor) begin() (end func(), err error) {
	c.mu.Lock()
	if err := c.volume.Healthy(); err != nil {
		c.mu.Unlock()
		return nil, err
	}
	return c.mu.Unlock, nil
}

// Compact flushes the log, and merges files of similar size. It does nothing if nothing is due.
func (c *Compactor) Compact(ctx context.Context) error {
	end, err := c.begin()
	if err != nil {
		return err
	}
	defer end()
	c.loads.Expire()
	if err := errors.Join(c.tendPins(), c.resumeErasure(ctx)); err != nil {
		return err
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	return c.mergeFiles(ctx)
}
