// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package grid sums values by key in bounded memory. If there are too many distinct keys, all keys become coarser. How coarse depends only on
// everything that was added, not on its order or on how it was split over shards.
package grid

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
)

// Value is the content of a cell. Plus returns the sum with another cell's. It must be exact, so that merging is.
type Value[V any] interface{ Plus(other V) V }

// Coarsen returns a key at a level. Level 0 does not change it, and levels are nested: the key of a higher level can be computed from that of any
// lower one. At MaxLevel there must not be more keys than a grid's limit.
type Coarsen[K comparable] func(key K, level int) K

// MaxLevel is the coarsest level.
const MaxLevel = 62

// Grid is a map from keys to sums of values, with at most limit cells. Create one with New.
//
// The level rises only if the cells of some of the values were already too many at the previous level. They are then also too many for all values
// together, and the final level is the finest one at which all values fit, in whatever order they came.
type Grid[K comparable, V Value[V]] struct {
	cells   map[K]V
	level   int
	limit   int
	coarsen Coarsen[K]
}

// New returns an empty grid with at most limit cells.
func New[K comparable, V Value[V]](limit int, coarsen Coarsen[K]) *Grid[K, V] {
	return &Grid[K, V]{cells: map[K]V{}, limit: limit, coarsen: coarsen}
}

// Add adds a value to the cell of a key.
func (g *Grid[K, V]) Add(key K, value V) {
	g.put(key, value)
	for len(g.cells) > g.limit && g.level < MaxLevel {
		g.raise(g.level + 1)
	}
}

func (g *Grid[K, V]) put(key K, value V) {
	key = g.coarsen(key, g.level)
	if old, ok := g.cells[key]; ok {
		value = old.Plus(value)
	}
	g.cells[key] = value
}

func (g *Grid[K, V]) raise(level int) {
	old := g.cells
	g.cells = make(map[K]V, len(old)/2)
	g.level = level
	for key, value := range old {
		g.put(key, value)
	}
}

// Merge adds everything that was added to another grid of the same kind.
func (g *Grid[K, V]) Merge(other *Grid[K, V]) {
	if other.level > g.level {
		g.raise(other.level)
	}
	for key, value := range other.cells {
		g.Add(key, value)
	}
}

// Level returns the current level; it is 0 while every key is stored exactly.
func (g *Grid[K, V]) Level() int { return g.level }

// Len returns the number of cells.
func (g *Grid[K, V]) Len() int { return len(g.cells) }

// At returns the value of the cell that contains a key.
func (g *Grid[K, V]) At(key K) V { return g.cells[g.coarsen(key, g.level)] }

// Cell is a key with its value.
type Cell[K comparable, V any] struct {
	Key   K
	Value V
}

// Cells returns all cells in the order of their keys, so that floating-point sums over them are always the same.
func (g *Grid[K, V]) Cells(compare func(a, b K) int) []Cell[K, V] {
	list := make([]Cell[K, V], 0, len(g.cells))
	for _, key := range slices.SortedFunc(maps.Keys(g.cells), compare) {
		list = append(list, Cell[K, V]{key, g.cells[key]})
	}
	return list
}

// Count is a cell that counts.
type Count int64

// Plus returns the sum.
func (c Count) Plus(other Count) Count { return c + other }

// keptBits is the number of leading bits that Leading keeps at level 1.
const keptBits = 21

// Leading coarsens a number by its size: level 0 keeps all bits, level 1 the leading 21, and each further level one less, down to one. The relative
// error at level n is below 2^(n−21). It keeps the sign and the order.
func Leading(v int64, level int) int64 {
	if level == 0 {
		return v
	}
	keep := max(1, keptBits+1-level)
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	if drop := bits.Len64(size) - keep; drop > 0 {
		size = size >> drop << drop
	}
	if v < 0 {
		return -int64(size)
	}
	return int64(size)
}

// Middle returns the middle of the numbers that Leading maps to v at this level, up to rounding.
func Middle(v int64, level int) float64 {
	keep := max(1, keptBits+1-level)
	size := uint64(v)
	if v < 0 {
		size = -size
	}
	drop := bits.Len64(size) - keep
	if level == 0 || drop <= 0 {
		return float64(v)
	}
	half := float64(uint64(1)<<drop-1) / 2
	if v < 0 {
		half = -half
	}
	return float64(v) + half
}

// Compare orders numbers, for grids whose keys are numbers.
func Compare(a, b int64) int { return cmp.Compare(a, b) }
