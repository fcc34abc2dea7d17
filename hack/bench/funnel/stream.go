// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"
)

// byTime gives all events in the order in which they happen, slice after slice of the days, so that memory stays small: each slice makes
// all persons anew.
func (w world) byTime(from, to int64, take func([]sighting) error) error {
	const slice = 2 * day
	m := newMaker(w)
	var mine, all []sighting
	for ; from < to; from += slice {
		end := min(from+slice, to)
		all = all[:0]
		for p := range w.persons {
			mine = m.person(p, mine[:0])
			for i := range mine {
				if mine[i].at >= from && mine[i].at < end {
					all = append(all, mine[i])
				}
			}
		}
		slices.SortFunc(all, func(a, b sighting) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.person, b.person))
		})
		if err := take(all); err != nil {
			return err
		}
	}
	return nil
}

// byPerson gives all events person by person, a few thousand at a time.
func (w world) byPerson(take func([]sighting) error) error {
	m := newMaker(w)
	var batch []sighting
	for p := range w.persons {
		batch = m.person(p, batch)
		if len(batch) >= 1<<14 || p == w.persons-1 {
			if err := take(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return nil
}
