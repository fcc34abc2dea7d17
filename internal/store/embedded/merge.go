// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"context"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rewrite"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/writer"
)

const (
	// mergeCount files of like size in a month become one.
	mergeCount = 6
	// maxMergedRows: files that have more are left alone.
	maxMergedRows = rewrite.BucketRows / 2
)

// mergeFiles makes one file of several while a month has many of like size, and of all when the month is over. Persons that were joined
// meanwhile come to stand together. Then one more file at most is written again because many of its rows belong to other persons by now.
func (s *Store) mergeFiles(ctx context.Context) error {
	if err := s.mergeGroups(ctx); err != nil {
		return err
	}
	return s.moveOut(ctx)
}

func (s *Store) mergeGroups(ctx context.Context) error {
	for {
		group := mergeGroup(s.catalog.Parts())
		if len(group) == 0 {
			group = closedGroup(s.catalog.Parts(), s.currentMonth())
		}
		if len(group) == 0 {
			return nil
		}
		if err := s.merge(ctx, group); err != nil {
			return err
		}
	}
}

// MergeAll sorts the log and makes one file, or few large ones, of each month. Sorting in the background does as much as is worth it;
// this is for imports, which then are read many times.
func (s *Store) MergeAll(ctx context.Context) error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	if err := s.volume.Healthy(); err != nil {
		return err
	}
	if err := s.sortTail(ctx); err != nil {
		return err
	}
	months := map[string][]*part.Part{}
	for _, p := range s.catalog.Parts() {
		months[p.Month] = append(months[p.Month], p)
	}
	for _, group := range months {
		if len(group) > 1 {
			if err := s.merge(ctx, group); err != nil {
				return err
			}
		}
	}
	return nil
}

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

// closedShare: the files of a month that is over become one when those beside its largest run of files have this share of its rows. So each
// row is written again a few times at most, however slowly late events come in.
const closedShare = 10

func (s *Store) currentMonth() string { return s.options.Clock().UTC().Format("2006-01") }

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

func (s *Store) merge(ctx context.Context, group []*part.Part) error {
	return s.replace(ctx, group, rewrite.All)
}

// replace files of one month by what is chosen of them, each choice by itself. The log is sorted in between when a segment is full, so that it does
// not get too long meanwhile.
func (s *Store) replace(ctx context.Context, group []*part.Part, choices ...rewrite.Choice) error {
	session, err := s.rewriting(ctx)
	if err != nil {
		return err
	}
	defer session.Close()
	var written []part.Meta
	for _, c := range choices {
		files, err := session.Rewrite(ctx, group, c, s.keepPace)
		if err != nil {
			return err
		}
		written = append(written, files...)
	}
	change := s.catalog.Change()
	change.Files = append(part.Without(change.Files, group), written...)
	return s.writer.Install(change, writer.Cut{})
}

// movedShare: a file is written again when so many of its rows, one in so many, belong to other persons than when it was written. So each row
// is written again once for that many.
const movedShare = 8

// minMoved rows are worth it.
const minMoved = 1000

// moveOut makes two files of the one of which the largest share of rows has moved, if that is large: the rows that stayed, whose range of
// persons is as before, and the others, which are merged with files of their size later. One file in a round bounds the work. Files of a
// month that is over are merged instead.
func (s *Store) moveOut(ctx context.Context) error {
	p := mostMoved(s.catalog.Parts(), s.currentMonth())
	if p == nil {
		return nil
	}
	return s.replace(ctx, []*part.Part{p}, rewrite.Stayed, rewrite.Moved)
}

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

// keepPace sorts the log when a segment is full, so that it does not get too long while files are merged.
func (s *Store) keepPace(ctx context.Context) error {
	if s.catalog.Memtable().Bytes() < s.options.SegmentBytes {
		return nil
	}
	return s.sortTail(ctx)
}
