// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

// gathering finds out where the rows of a scan are, before it goes to the first of each.
type gathering struct {
	scan  *scan
	fresh *freshRows
	files []fileMeta
	// gone of each file and of each run are left out there.
	gone     []*moved
	runs     []*rowRun
	runsGone []*moved
	// longest is a bound for the rows of one person, texts one for the different texts of a column, both without those of fresh.
	longest int64
	texts   int
}

// addFile adds a sorted file, and collects the rows that do not stand where their person is, unless an overlay has them.
func (g *gathering) addFile(f fileMeta) error {
	sc := g.scan
	parts, err := sc.store.partsOf(sc.plan, f, sc.snapshot.view)
	if err != nil {
		return err
	}
	g.files, g.gone = append(g.files, f), append(g.gone, parts.gone)
	if parts.apart != nil {
		if err := sc.store.collectMoved(sc.plan, f, parts.apart, sc.snapshot.view, g.fresh, &sc.stats.Bytes); err != nil {
			return err
		}
	}
	if parts.run != nil {
		if err := g.addRun(parts.run, parts.runMoved); err != nil {
			return err
		}
	}
	if sc.plan.request.Counting == nil {
		return nil
	}
	run, err := sc.store.longestRun(f)
	g.longest += run
	return err
}

// addRun adds a run in memory.
func (g *gathering) addRun(run *rowRun, gone *moved) error {
	sc := g.scan
	g.runs, g.runsGone = append(g.runs, run), append(g.runsGone, gone)
	g.longest += run.Longest
	g.texts += run.Texts()
	if gone == nil {
		return nil
	}
	return collectMovedOf(sc.plan, run, gone, sc.snapshot.view, g.fresh, &sc.stats.Bytes)
}

// open begins to read.
func (g *gathering) open() error {
	sc := g.scan
	for i, f := range g.files {
		rows, err := sc.store.openFile(sc.plan, sc.plan.wants, f, g.gone[i], sc.plan.persons, &sc.stats.Bytes)
		if err != nil {
			return err
		}
		rows.counter = sc.counter
		sc.open = append(sc.open, rows)
	}
	for i, run := range g.runs {
		rows, err := openRun(sc.plan, sc.plan.wants, run, g.runsGone[i], &sc.stats.Bytes)
		if err != nil {
			return err
		}
		rows.counter = sc.counter
		sc.open = append(sc.open, rows)
	}
	g.fresh.counter = sc.counter
	sc.open = append(sc.open, g.fresh)
	return sc.beginHeap()
}
