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

// Layouts are the data folders of one world. A longer layout is created from a copy of a shorter one.
type Layouts struct {
	bench *measure.Bench
	world world.World
	stamp string
	// bases are the sorted shares of the time, in percent and ascending, of the folders. Each is created from the one before.
	bases []int
}

// NewLayouts determines the stamp of the store's file layout. fresh lists the fresh shares that the rows use.
func NewLayouts(ctx context.Context, b *measure.Bench, w world.World, fresh []int) (*Layouts, error) {
	stamp, err := stampOf(ctx, b, w)
	l := &Layouts{bench: b, world: w, stamp: stamp}
	for _, percent := range fresh {
		l.bases = append(l.bases, 100-percent)
	}
	slices.Sort(l.bases)
	return l, err
}

// Prepare creates the folder in which the newest share of the time, in percent, is still in the log, unless it exists.
func (l *Layouts) Prepare(ctx context.Context, e *Engine) error {
	base, err := l.base(ctx, 100-e.Fresh)
	if err != nil || e.Fresh == 0 {
		e.dir = base
		return err
	}
	e.dir, err = l.made(fmt.Sprintf("fresh-%d", e.Fresh), base, func(f *filler) error {
		return f.fresh(ctx, world.Share(100-e.Fresh), world.End)
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

// base creates a folder with the first percent of the time, all of it flushed.
func (l *Layouts) base(ctx context.Context, percent int) (base string, err error) {
	from := int64(0)
	if at := slices.Index(l.bases, percent); at > 0 {
		if base, err = l.base(ctx, l.bases[at-1]); err != nil {
			return "", err
		}
		from = world.Share(l.bases[at-1])
	}
	return l.made(fmt.Sprintf("sorted-%d", percent), base, func(f *filler) error { return f.sorted(ctx, from, world.Share(percent)) })
}

func (l *Layouts) dir(kind string) string {
	return filepath.Join(l.bench.Dir, fmt.Sprintf("store-%d-%v-%s", l.world.Events, l.world.Identities, kind))
}

// made creates a folder from a copy of base, if base is not empty, and calls fill. It does nothing if the folder exists and has the current stamp.
func (l *Layouts) made(kind, base string, fill func(*filler) error) (string, error) {
	dir := l.dir(kind)
	done := filepath.Join(dir, "filled")
	switch had, err := os.ReadFile(done); {
	case err == nil && string(had) == l.stamp:
		return dir, nil
	case err == nil:
		l.bench.Say("  %s was created by another version of the store or from other events; creating it again", filepath.Base(dir))
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return "", err
	}
	began := time.Now()
	if base != "" {
		if err := copyStore(base, dir); err != nil {
			return "", err
		}
	}
	if err := fill(&filler{bench: l.bench, world: l.world, dir: dir}); err != nil {
		return "", err
	}
	l.bench.Say("  made %s in %.0f s", filepath.Base(dir), time.Since(began).Seconds())
	return dir, os.WriteFile(done, []byte(l.stamp), 0o600)
}

// copyStore copies the data of a closed store. Files that are never changed are hard links.
func copyStore(from, to string) error {
	from, to = filepath.Join(from, "data"), filepath.Join(to, "data")
	var names []string
	err := fs.WalkDir(os.DirFS(from), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	for _, name := range names {
		if err == nil {
			err = copyFile(filepath.Join(from, name), filepath.Join(to, name))
		}
	}
	return err
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if slices.Contains([]string{".parquet", ".keys", ".people"}, filepath.Ext(from)) {
		return os.Link(from, to)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
