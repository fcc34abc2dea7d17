// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package part has the sorted files of the store. A Part owns all that is known about one: its footer, whether its checksum was compared, which of its
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

// Part is a sorted file. It never changes; what is known about it is found out when somebody asks. Any goroutine may use it.
type Part struct {
	Meta

	volume   *volume.Volume
	path     string
	people   *persons.Table
	overlays *Overlays

	layout   atomic.Pointer[parquet.Layout]
	verified atomic.Bool
	// forgotten says that no manifest names the part.
	forgotten atomic.Bool
	// moved rows, as they were found last.
	moved atomic.Pointer[rows.Moved]

	// mu is held while it is found out what moved, and while an overlay is made: scans of one run ask for the same at the same time.
	mu      sync.Mutex
	overlay *overlay
}

// New is the part of a file that is there.
func New(v *volume.Volume, m Meta, people *persons.Table, o *Overlays) *Part {
	return &Part{Meta: m, volume: v, path: v.Path(volume.Data, m.Name), people: people, overlays: o}
}

// Temporary is the part of a file in the folder for what is soon gone. Only its rows can be read, as they are.
func Temporary(v *volume.Volume, m Meta) *Part {
	return &Part{Meta: m, volume: v, path: v.Path(volume.Temp, m.Name)}
}

// Path of the file.
func (p *Part) Path() string { return p.path }

// Forget lets go of what is in memory for the part, which no manifest names any more. It waits for nobody: who works with the part does it later.
func (p *Part) Forget() {
	p.forgotten.Store(true)
	p.drop()
}

// leave is called instead of unlocking.
func (p *Part) leave() {
	p.mu.Unlock()
	p.drop()
}

// drop the overlay of a part that is forgotten. Whoever has the lock now looks once more on leaving.
func (p *Part) drop() {
	if !p.forgotten.Load() || !p.mu.TryLock() {
		return
	}
	defer p.mu.Unlock()
	p.overlays.replace(p.overlay, nil)
	p.overlay = nil
}

// Sum is the XXH3 hash of a sorted file.
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

// Verify reads the file unless it was read before, and compares its hash: Parquet would give wrong values for flipped bits. Damage makes the volume
// read-only, so that it is seen, and is not copied into merged files.
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

// file is the part, open for reading some columns.
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
	return f, nil
}

// footer is read once.
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
