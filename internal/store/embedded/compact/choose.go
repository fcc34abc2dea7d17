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
	// mergeCount is the number of files of similar size in a month that are merged.
	mergeCount = 6
	// maxMergedRows is the size from which files are not merged any more.
	maxMergedRows = rewrite.BucketRows / 2
)

// mergeGroup returns files of one month and one size tier that are worth merging. Tiers differ by a factor of four.
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

// closedShare is the share, one in closedShare, of a finished month's rows outside its largest run of files from which its files are merged. Each row
// is therefore rewritten a few times at most, however slowly late events arrive.
const closedShare = 10

// closedGroup returns all files of a month before the current one that are worth merging, because persons have rows in several of them, or moved
// rows. A scan then reads one file after the other instead of many at once.
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

// movedShare is the share of rows, one in movedShare, that belong to other persons than in the file from which a file is rewritten. Each row is
// therefore rewritten once for that many moved rows.
const movedShare = 8

// minMoved is the number of rows from which it is worthwhile.
const minMoved = 1000

// mostMoved returns the file with the largest share of moved rows, if it is worth rewriting.
func mostMoved(parts []*part.Part, current string) (most *part.Part) {
	share := 1.0 / movedShare
	for _, p := range parts {
		if n := p.MovedRows(); p.Month >= current && n >= minMoved && float64(n) >= share*float64(p.Rows) {
			most, share = p, float64(n)/float64(p.Rows)
		}
	}
	return most
}
