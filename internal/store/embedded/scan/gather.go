// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"github.com/journeyman-dev/journeyman/internal/store/embedded/extsort"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// gathering collects the sources of a scan before it reads the first row of each.
type gathering struct {
	scan *Scan
	// sorted are the rows that are not stored with their person, if the pool has sorted them.
	sorted []extsort.Run
	// gone are the rows of each part and of each run that are omitted there.
	gone     []*rows.Moved
	runs     []*run.Run
	runsGone []*rows.Moved
	// longest is an upper bound for the rows of one person, and texts for the distinct texts of a column, both without those of moved.
	longest int64
	texts   int
}

// addPart adds a sorted file, and collects the rows that are not stored with their person, unless an overlay has them.
func (g *gathering) addPart(p *part.Part) error {
	s := g.scan
	pieces, err := p.At(s.query, s.snapshot.View)
	if err != nil {
		return err
	}
	g.gone = append(g.gone, pieces.Gone)
	g.longest += p.MaxRun
	if !pieces.Apart.None() {
		if err := p.Collect(s.query, pieces.Apart, s.snapshot.View, s.moved); err != nil {
			return err
		}
	}
	if pieces.Run == nil {
		return nil
	}
	return g.addRun(pieces.Run, pieces.RunGone)
}

// addRun adds a run in memory.
func (g *gathering) addRun(r *run.Run, gone *rows.Moved) error {
	g.runs, g.runsGone = append(g.runs, r), append(g.runsGone, gone)
	g.longest += r.Longest
	g.texts += r.Texts()
	if gone.None() {
		return nil
	}
	return r.Collect(g.scan.query, gone, g.scan.snapshot.View, g.scan.moved)
}

// open starts reading.
func (g *gathering) open() (err error) {
	s := g.scan
	for i, p := range s.snapshot.Parts {
		source, err := p.Open(s.query, g.gone[i], s.counter)
		if err != nil {
			return err
		}
		s.open = append(s.open, source)
	}
	for i, r := range g.runs {
		source, err := r.Open(s.query, g.runsGone[i], s.counter)
		if err != nil {
			return err
		}
		s.open = append(s.open, source)
	}
	s.open = append(s.open, s.moved.sources(g.sorted, s.counter)...)
	s.merger, err = rows.NewMerger(s.query, s.open)
	return err
}
