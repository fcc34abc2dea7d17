// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package extsort sorts more rows by a text than fit into memory. It is an external merge sort: rows are collected, sorted and spilled to temporary
// files, which are merged. All sorts of a store share one budget of memory and of disk.
package extsort

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

const (
	// atOnce is the number of sorts that collect rows at the same time. Each has an equal share of the memory; others wait in order of arrival.
	atOnce = 4
	// patience is how long a sort waits for memory. A caller that holds four sorted scans and requests another one would wait for itself.
	patience = 2 * time.Minute
)

// ErrBusy means that other sorts kept their memory for too long.
var ErrBusy = errors.New("other scans hold the memory for sorting")

// Pool is what all sorts of a store share: memory, and disk space for temporary files.
type Pool struct {
	volume *volume.Volume
	share  int64
	memory *semaphore.Weighted
	// limit of bytes on disk, and those in use
	limit int64
	used  atomic.Int64
	// patience when waiting for memory
	patience time.Duration
}

// Open returns a pool with that many bytes of memory and of disk. It empties the folder for temporary files, which are useless after a crash.
func Open(v *volume.Volume, memory, disk int64) (*Pool, error) {
	temp := v.Path(volume.Temp)
	if err := errors.Join(v.RemoveAll(temp), v.MkdirAll(temp)); err != nil {
		return nil, fmt.Errorf("empty the folder of temporary files: %w", err)
	}
	share := max(memory/atOnce, 1)
	return &Pool{volume: v, share: share, memory: semaphore.NewWeighted(atOnce * share), limit: disk, patience: patience}, nil
}

// Share returns the memory of one sort.
func (p *Pool) Share() int64 { return p.share }

// Sorter starts a sort once there is memory for it. Close it after use.
func (p *Pool) Sorter(ctx context.Context, l Layout) (*Sorter, error) {
	schema, err := l.schema()
	if err != nil {
		return nil, err
	}
	if err := p.wait(ctx); err != nil {
		return nil, fmt.Errorf("wait for memory to sort: %w", err)
	}
	return newSorter(ctx, p, &l, schema), nil
}

// wait waits for the memory of a sort.
func (p *Pool) wait(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	err := p.memory.Acquire(limited, p.share)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: close one of them, or retry when one has ended", ErrBusy)
	}
	return err
}

// take reserves disk space.
func (p *Pool) take(n int64) error {
	if p.used.Add(n) > p.limit {
		p.used.Add(-n)
		return fmt.Errorf("the sorts of all scans together need more than their limit of %d bytes on the volume", p.limit)
	}
	return nil
}

func (p *Pool) give(n int64) { p.used.Add(-n) }
