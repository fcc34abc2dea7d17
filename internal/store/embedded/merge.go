// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/duck"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
)

const (
	// mergeCount files of like size in a month become one.
	mergeCount = 6
	// bucketRows is about how many rows a file has at most: larger results are split by person.
	bucketRows = 4 << 20
	// maxMergedRows: files that have more are left alone.
	maxMergedRows = bucketRows / 2
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
		group := mergeGroup(s.manifest.Files)
		if len(group) == 0 {
			group = closedGroup(s.manifest.Files, s.currentMonth(), s.movedRows())
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
	months := map[string][]part.Meta{}
	for _, f := range s.manifest.Files {
		months[f.Month] = append(months[f.Month], f)
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
func mergeGroup(files []part.Meta) []part.Meta {
	type class struct {
		month string
		tier  int
	}
	groups := map[class][]part.Meta{}
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
// the wrong place. A scan then reads one file after the other instead of many at once. moved are the numbers of rows in the wrong place.
func closedGroup(files []part.Meta, current string, moved map[string]int64) []part.Meta {
	months := map[string][]part.Meta{}
	for _, f := range files {
		if f.Month < current {
			months[f.Month] = append(months[f.Month], f)
		}
	}
	for _, group := range months {
		slices.SortFunc(group, func(a, b part.Meta) int { return cmp.Compare(b.Rows, a.Rows) })
		all, inPlace := int64(0), int64(0)
		var run []part.Meta
		for _, f := range group {
			all += f.Rows
			if !slices.ContainsFunc(run, func(g part.Meta) bool { return f.MinPerson <= g.MaxPerson && g.MinPerson <= f.MaxPerson }) {
				run, inPlace = append(run, f), inPlace+f.Rows-moved[f.Name]
			}
		}
		if (all-inPlace)*closedShare >= all && (len(group) > len(run) || all-inPlace >= minMoved) {
			return group
		}
	}
	return nil
}

func (s *Store) merge(ctx context.Context, group []part.Meta) error {
	conn, err := s.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	view, err := s.people.View(0)
	if err != nil {
		return err
	}
	if err := peopleTable(ctx, conn, view); err != nil {
		return err
	}
	merged, err := s.rewriteBetween(ctx, conn, view, group, "TRUE", "", s.keepPace)
	if err != nil {
		return err
	}
	change := s.change()
	change.Files = append(part.Without(change.Files, group), merged...)
	return s.install(change, cut{seq: s.manifest.Seq})
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
	f, found := mostMoved(s.manifest.Files, s.currentMonth(), s.movedRows())
	if !found {
		return nil
	}
	conn, err := s.db.Connect()
	if err != nil {
		return err
	}
	defer conn.Close()
	view, err := s.people.View(0)
	if err != nil {
		return err
	}
	if err := peopleTable(ctx, conn, view); err != nil {
		return err
	}
	var written []part.Meta
	for _, keep := range []string{"coalesce(p.person, r.anchor) = r.person", "coalesce(p.person, r.anchor) <> r.person"} {
		rest, err := s.rewriteBetween(ctx, conn, view, []part.Meta{f}, keep, "", s.keepPace)
		if err != nil {
			return err
		}
		written = append(written, rest...)
	}
	change := s.change()
	change.Files = append(part.Without(change.Files, []part.Meta{f}), written...)
	return s.install(change, cut{seq: s.manifest.Seq})
}

// mostMoved gives the file with the largest share of rows that moved, if that is worth writing it again.
func mostMoved(files []part.Meta, current string, moved map[string]int64) (most part.Meta, found bool) {
	share := 1.0 / movedShare
	for _, f := range files {
		if n := moved[f.Name]; f.Month >= current && n >= minMoved && float64(n) >= share*float64(f.Rows) {
			most, share, found = f, float64(n)/float64(f.Rows), true
		}
	}
	return most, found
}

// keepPace sorts the log when a segment is full, so that it does not get too long while files are merged.
func (s *Store) keepPace(ctx context.Context) error {
	if s.tailBytes() < s.options.SegmentBytes {
		return nil
	}
	return s.sortTail(ctx)
}

// rewrite writes the rows of files of one month that a condition keeps into new files, with the persons of the table people;
// replace changes columns. More than bucketRows rows are split by ranges of persons.
func (s *Store) rewrite(
	ctx context.Context, conn *duck.Conn, view *identity.View, files []part.Meta, keep, replace string,
) ([]part.Meta, error) {
	return s.rewriteBetween(ctx, conn, view, files, keep, replace, func(context.Context) error { return nil })
}

// rewriteBetween calls between after each new file. It may change the manifest, but leaves the files alone.
func (s *Store) rewriteBetween(
	ctx context.Context, conn *duck.Conn, view *identity.View, files []part.Meta, keep, replace string, between func(context.Context) error,
) ([]part.Meta, error) {
	if err := s.verify(files); err != nil {
		return nil, err
	}
	var written []part.Meta
	for _, r := range block.Ranges(int(part.Rows(files)/bucketRows) + 1) {
		query := fmt.Sprintf(`SELECT %s FROM (SELECT r.* REPLACE (coalesce(p.person, r.anchor) AS person%s) FROM %s r
			LEFT JOIN people p ON p.anchor = r.anchor WHERE %s) WHERE person BETWEEN %d AND %d`,
			fileColumns(), replace, s.readParquet(files), keep, r.From, r.To)
		meta, err := s.writeFile(ctx, conn, files[0].Month, query)
		if err != nil {
			return nil, err
		}
		if meta.Rows == 0 {
			if err := s.volume.RemoveIfThere(s.dataPath(meta.Name)); err != nil {
				return nil, err
			}
			continue
		}
		meta.Placed = view.Version()
		written = append(written, meta)
		if err := between(ctx); err != nil {
			return nil, err
		}
	}
	return written, nil
}
