// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memtable

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/run"
)

const (
	// maxTidyRows is the size of one run. While runs are merged, both the old ones and the new one are in memory.
	maxTidyRows = 1 << 20
	// minTidy and maxTidy are the numbers of runs that are merged at a time.
	minTidy, maxTidy = 4, 16
)

// Tidy merges runs, so that scans have few to merge. It is called by scans and not when events are added, so that an idle store sorts them only once,
// into files. Each row is merged again only together with as many others.
func (t *Table) Tidy() error {
	t.tidying.Lock()
	defer t.tidying.Unlock()
	for {
		group := t.untidy()
		if len(group) == 0 {
			return nil
		}
		view, err := t.people.View(0)
		if err != nil {
			return err
		}
		merged, err := run.Merge(run.Columns, group, view)
		if err != nil {
			return err
		}
		t.replace(group, merged)
	}
}

// replace replaces some runs by their merged run, unless some were removed.
func (t *Table) replace(group []*run.Run, by *run.Run) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(t.runs), func(r *run.Run) bool { return slices.Contains(group, r) })
	if len(rest)+len(group) == len(t.runs) {
		t.runs = append(rest, by)
	}
}

// untidy returns runs that are worth merging: many, none of which is much larger than all smaller ones together.
func (t *Table) untidy() []*run.Run {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seal()
	var before, after []*run.Run
	for _, r := range t.runs {
		if r.MaxSeq <= t.cut {
			before = append(before, r)
		} else {
			after = append(after, r)
		}
	}
	if group := untidy(before); group != nil {
		return group
	}
	return untidy(after)
}

func untidy(runs []*run.Run) []*run.Run {
	slices.SortStableFunc(runs, func(a, b *run.Run) int { return cmp.Compare(a.Rows, b.Rows) })
	for first := range runs {
		rows, end := int64(0), first
		for ; end < len(runs) && end-first < maxTidy; end++ {
			if n := runs[end].Rows; rows+n > maxTidyRows || end > first && n > 2*rows {
				break
			}
			rows += runs[end].Rows
		}
		if end-first >= minTidy {
			return runs[first:end]
		}
	}
	return nil
}
