// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ours

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/journeyman-dev/journeyman/hack/bench/funnel/measure"
	"github.com/journeyman-dev/journeyman/hack/bench/funnel/world"
)

// Layouts are the folders of one world. They are made from each other: the longer ones begin with what the shorter ones have.
type Layouts struct {
	bench *measure.Bench
	world world.World
	stamp string
}

// NewLayouts looks at how this program's store lays its files.
func NewLayouts(ctx context.Context, b *measure.Bench, w world.World) (*Layouts, error) {
	stamp, err := stampOf(ctx, b, w)
	return &Layouts{bench: b, world: w, stamp: stamp}, err
}

// Prepare makes the folder in which the newest share of the time, in percent, is still in the log, unless an earlier run has.
func (l *Layouts) Prepare(ctx context.Context, e *Engine) (err error) {
	if e.Fresh == 0 {
		e.dir, err = l.base(ctx, 100)
		return err
	}
	e.dir, err = l.made(fmt.Sprintf("fresh-%d", e.Fresh), func(dir string) error {
		base, err := l.base(ctx, 100-e.Fresh)
		if err == nil {
			err = copyStore(base, dir)
		}
		if err != nil {
			return err
		}
		return (&filler{bench: l.bench, world: l.world, dir: dir}).fresh(ctx, world.Share(100-e.Fresh), world.End)
	})
	return err
}

// Remove removes all folders of the world.
func (l *Layouts) Remove() error {
	folders, err := filepath.Glob(l.dir("*"))
	for _, f := range folders {
		err = errors.Join(err, os.RemoveAll(f))
	}
	return err
}

// bases are the shares of the time up to which folders are kept: what comes later is added to copies of them.
var bases = []int{80, 95, 100}

// base makes a folder with the first percent of the time, all of it sorted.
func (l *Layouts) base(ctx context.Context, percent int) (string, error) {
	return l.made(fmt.Sprintf("sorted-%d", percent), func(dir string) error {
		from := int64(0)
		for _, b := range slices.Backward(bases) {
			if b >= percent {
				continue
			}
			base, err := l.base(ctx, b)
			if err == nil {
				err = copyStore(base, dir)
			}
			if err != nil {
				return err
			}
			from = world.Share(b)
			break
		}
		return (&filler{bench: l.bench, world: l.world, dir: dir}).sorted(ctx, from, world.Share(percent))
	})
}

func (l *Layouts) dir(kind string) string {
	return filepath.Join(l.bench.Dir, fmt.Sprintf("store-%d-%v-%s", l.world.Events, l.world.Identities, kind))
}

// made makes a folder unless it is there, by a store that lays its files as this one does.
func (l *Layouts) made(kind string, fill func(dir string) error) (string, error) {
	dir := l.dir(kind)
	done := filepath.Join(dir, "filled")
	switch had, err := os.ReadFile(done); { //nolint:gosec // a folder of the benchmark's own
	case err == nil && string(had) == l.stamp:
		return dir, nil
	case err == nil:
		l.bench.Say("  %s was made by another store or of other events: it is made anew", filepath.Base(dir))
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return "", err
	}
	began := time.Now()
	if err := fill(dir); err != nil {
		return "", err
	}
	l.bench.Say("  made %s in %.0f s", filepath.Base(dir), time.Since(began).Seconds())
	return dir, os.WriteFile(done, []byte(l.stamp), 0o600)
}

// copyStore copies the data of a store that is closed. What the store writes once and never again, its copy shares.
func copyStore(from, to string) error {
	from, to = filepath.Join(from, "data"), filepath.Join(to, "data")
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		target := filepath.Join(to, name)
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case slices.Contains([]string{".parquet", ".keys", ".people"}, filepath.Ext(name)):
			return os.Link(path, target)
		}
		content, err := os.ReadFile(path) //nolint:gosec // a folder of the benchmark's own
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}
