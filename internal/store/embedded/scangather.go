// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// gathering finds out where the rows of a scan are, before it goes to the first of each.
type gathering struct {
	scan *scan
	// moved are the rows that do not stand where their person is.
	moved *rows.Sorter
	// gone of each part and of each run are left out there.
	gone     []*rows.Moved
	runs     []*run.Run
	runsGone []*rows.Moved
	// longest is a bound for the rows of one person, texts one for the different texts of a column, both without those of moved.
	longest int64
	texts   int
}

// addPart adds a sorted file, and collects the rows that do not stand where their person is, unless an overlay has them.
func (g *gathering) addPart(p *part.Part) error {
	sc := g.scan
	pieces, err := p.At(sc.query, sc.snapshot.view)
	if err != nil {
		return err
	}
	g.gone = append(g.gone, pieces.Gone)
	g.longest += p.MaxRun
	if !pieces.Apart.None() {
		if err := p.Collect(sc.query, pieces.Apart, sc.snapshot.view, g.moved); err != nil {
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
	return r.Collect(g.scan.query, gone, g.scan.snapshot.view, g.moved)
}

// open begins to read.
func (g *gathering) open() (err error) {
	sc := g.scan
	for i, p := range sc.snapshot.parts {
		source, err := p.Open(sc.query, g.gone[i], sc.counter)
		if err != nil {
			return err
		}
		sc.open = append(sc.open, source)
	}
	for i, r := range g.runs {
		source, err := r.Open(sc.query, g.runsGone[i], sc.counter)
		if err != nil {
			return err
		}
		sc.open = append(sc.open, source)
	}
	g.moved.Count(sc.counter)
	sc.open = append(sc.open, g.moved)
	sc.merger, err = rows.NewMerger(sc.query, sc.open)
	return err
}
