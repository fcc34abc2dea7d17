// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"cmp"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
)

const (
	// mergeCount files of like size in a month become one.
	mergeCount = 6
	// maxMergedRows: files that have more are left alone.
	maxMergedRows = rewrite.BucketRows / 2
)

// mergeGroup gives files of one month and one tier of size that are worth merging; tiers differ by a factor of four.
func mergeGroup(files []*part.Part) []*part.Part {
	type class struct {
		month string
		tier  int
	}
	groups := map[class][]*part.Part{}
	for _, f := range files {
		if f.Rows >= maxMergedRows {
			continue
		}
		c := class{month: f.Month}
		for n := f.Rows; n > 1024; n /= 4 {
			c.tier++
		}
		groups[c] = append(groups[c], f)
		if len(groups[c]) >= mergeCount {
			return groups[c]
		}
	}
	return nil
}

// closedShare: the files of a month that is over become one when those other than its largest run of files have this share of its rows. So each
// row is written again a few times at most, however slowly late events come in.
const closedShare = 10

// closedGroup gives all files of a month before the current one that are worth merging, because persons have rows in several of them, or in
// the wrong place. A scan then reads one file after the other instead of many at once.
func closedGroup(files []*part.Part, current string) []*part.Part {
	months := map[string][]*part.Part{}
	for _, f := range files {
		if f.Month < current {
			months[f.Month] = append(months[f.Month], f)
		}
	}
	for _, group := range months {
		slices.SortFunc(group, func(a, b *part.Part) int { return cmp.Compare(b.Rows, a.Rows) })
		all, inPlace := int64(0), int64(0)
		var run []*part.Part
		for _, f := range group {
			all += f.Rows
			if !slices.ContainsFunc(run, func(g *part.Part) bool { return f.MinPerson <= g.MaxPerson && g.MinPerson <= f.MaxPerson }) {
				run, inPlace = append(run, f), inPlace+f.Rows-f.MovedRows()
			}
		}
		if (all-inPlace)*closedShare >= all && (len(group) > len(run) || all-inPlace >= minMoved) {
			return group
		}
	}
	return nil
}

// movedShare: a file is written again when so many of its rows, one in so many, belong to other persons than when it was written. So each row
// is written again once for that many.
const movedShare = 8

// minMoved rows are worth it.
const minMoved = 1000

// mostMoved gives the file with the largest share of rows that moved, if that is worth writing it again.
func mostMoved(parts []*part.Part, current string) (most *part.Part) {
	share := 1.0 / movedShare
	for _, p := range parts {
		if n := p.MovedRows(); p.Month >= current && n >= minMoved && float64(n) >= share*float64(p.Rows) {
			most, share = p, float64(n)/float64(p.Rows)
		}
	}
	return most
}
