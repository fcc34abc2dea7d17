// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package part manages the sorted files of the store. A Part owns all state about one: its footer, whether its checksum was verified, which of its
// rows belong to other persons by now, and the overlay of these.
package part

import (
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"sync/atomic"

	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// Part is a sorted file. It is immutable; its state is determined when it is first needed. It is safe for concurrent use.
type Part struct {
	Meta

	volume   *volume.Volume
	path     string
	people   *persons.Table
	overlays *Overlays

	layout   atomic.Pointer[parquet.Layout]
	verified atomic.Bool
	// forgotten is set once no manifest names the part.
	forgotten atomic.Bool
	// moved rows, as of the last search.
	moved atomic.Pointer[rows.Moved]
	// movedPinned are those of a pin whose version the identity table does not know.
	movedPinned atomic.Pointer[rows.Moved]

	// mu is held while moved rows are searched, and while an overlay is built, because several scans of one run need the same at the same time.
	mu      sync.Mutex
	overlay *overlay
}

// New is the part of a file that is there.
func New(v *volume.Volume, m Meta, people *persons.Table, o *Overlays) *Part {
	return &Part{Meta: m, volume: v, path: v.Path(volume.Data, m.Name), people: people, overlays: o}
}

// Temporary returns the part of a temporary file. Only its rows can be read, unchanged.
func Temporary(v *volume.Volume, m Meta) *Part {
	return &Part{Meta: m, volume: v, path: v.Path(volume.Temp, m.Name)}
}

// Path returns the path of the file.
func (p *Part) Path() string { return p.path }

// Forget releases the memory of a part that no manifest names any more. It does not wait: whoever uses the part releases it later.
func (p *Part) Forget() {
	p.forgotten.Store(true)
	p.drop()
}

// leave is called instead of unlocking.
func (p *Part) leave() {
	p.mu.Unlock()
	p.drop()
}

// drop releases the overlay of a forgotten part. Whoever holds the lock now checks again on leaving.
func (p *Part) drop() {
	if !p.forgotten.Load() || !p.mu.TryLock() {
		return
	}
	defer p.mu.Unlock()
	p.overlays.replace(p.overlay, nil)
	p.overlay = nil
}

// Sum returns the XXH3 hash of a sorted file.
func Sum(v *volume.Volume, path string) (uint64, error) {
	f, err := v.Open(path)
	if err != nil {
		return 0, err
	}
	h := xxh3.New()
	_, err = io.Copy(h, io.NewSectionReader(f, 0, math.MaxInt64))
	return h.Sum64(), errors.Join(err, f.Close())
}

// Intact reads the file and compares its hash.
func (p *Part) Intact() bool {
	sum, err := Sum(p.volume, p.Path())
	return err == nil && sum == p.Sum
}

// Verify reads the file, unless it did so before, and compares its hash, because Parquet would return wrong values for flipped bits. Damage makes the
// volume read-only, so that it is noticed, and is not copied into merged files.
func (p *Part) Verify() error {
	if p.verified.Load() {
		return nil
	}
	sum, err := Sum(p.volume, p.Path())
	if err != nil {
		return err
	}
	if sum != p.Sum {
		what := fmt.Sprintf("sorted file %s is corrupt: its checksum differs", p.Name)
		p.volume.Fail(what)
		return fmt.Errorf("%w: %s", store.ErrUnavailable, what)
	}
	p.verified.Store(true)
	return nil
}

// file is the part, opened for reading some columns.
type file struct {
	open   volume.ReadFile
	layout *parquet.Layout
	reader *parquet.Reader
}

func (p *Part) open(wants []block.Want) (*file, error) {
	open, err := p.volume.Open(p.Path())
	if err != nil {
		return nil, err
	}
	f := &file{open: open}
	section := io.NewSectionReader(open, 0, p.Bytes)
	if f.layout, err = p.footer(section); err == nil {
		f.reader, err = parquet.NewReader(section, f.layout, wants)
	}
	if err != nil {
		f.close()
		return nil, err
	}
	f.reader.Commit = p.Commit
	return f, nil
}

// footer reads the footer once.
func (p *Part) footer(section *io.SectionReader) (*parquet.Layout, error) {
	if l := p.layout.Load(); l != nil {
		return l, nil
	}
	l, err := parquet.ReadLayout(section)
	if err != nil {
		return nil, err
	}
	if err := volume.CheckFormat(p.Name, l.Format, parquet.Format); err != nil {
		return nil, err
	}
	p.layout.Store(l)
	return l, nil
}

func (f *file) close() { _ = f.open.Close() } // it was only read
