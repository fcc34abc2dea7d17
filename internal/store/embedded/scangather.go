// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

// gathering finds out where the rows of a scan are, before it goes to the first of each.
type gathering struct {
	scan *scan
	// moved are the rows that do not stand where their person is.
	moved *rows.Sorter
	files []fileMeta
	// gone of each file and of each run are left out there.
	gone     []*rows.Moved
	runs     []*run.Run
	runsGone []*rows.Moved
	// longest is a bound for the rows of one person, texts one for the different texts of a column, both without those of moved.
	longest int64
	texts   int
}

// addFile adds a sorted file, and collects the rows that do not stand where their person is, unless an overlay has them.
func (g *gathering) addFile(f fileMeta) error {
	sc := g.scan
	parts, err := sc.store.partsOf(sc.query, f, sc.snapshot.view)
	if err != nil {
		return err
	}
	g.files, g.gone = append(g.files, f), append(g.gone, parts.gone)
	if !parts.apart.None() {
		c := rows.NewCollector(g.moved, boundsOfFile(&f), parts.apart, sc.snapshot.view)
		if err := sc.store.collect(sc.query, f, parts.apart, c, func() {}); err != nil {
			return err
		}
	}
	if parts.run != nil {
		if err := g.addRun(parts.run, parts.runMoved); err != nil {
			return err
		}
	}
	if sc.request.Counting == nil {
		return nil
	}
	longest, err := sc.store.longestRun(f)
	g.longest += longest
	return err
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
	for i, f := range g.files {
		source, err := sc.store.openFile(sc.query, sc.query.Wants, f, g.gone[i], sc.counter)
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
