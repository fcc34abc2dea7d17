// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package memory

import (
	"cmp"
	"hash/fnv"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/store"
)

// byUnit groups the rows by the unit of the request instead of the person.
func (s *scan) byUnit(r store.ScanRequest) error {
	key, err := store.ParseUnitKey(r.By)
	if err != nil {
		return err
	}
	value := columns[key.Column]
	kept := s.rows[:0]
	for _, row := range s.rows {
		row.unit = key.In(value(&row).(string))
		switch {
		case row.unit != "" && shardOf(row.unit, r.Shards) == r.Shard:
			kept = append(kept, row)
		case row.unit == "" && r.Shard == 0:
			s.stats.WithoutUnit++
		}
	}
	slices.SortFunc(kept, func(a, b personRow) int {
		return cmp.Or(
			cmp.Compare(a.unit, b.unit), cmp.Compare(a.Time, b.Time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index),
		)
	})
	for i := range kept {
		kept[i].person = 1
		if i > 0 {
			kept[i].person = kept[i-1].person
			if kept[i].unit != kept[i-1].unit {
				kept[i].person++
			}
		}
	}
	s.rows = kept
	return nil
}

func shardOf(unit string, shards int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(unit)) // a hash accepts everything
	return int(h.Sum32() % uint32(max(shards, 1)))
}
