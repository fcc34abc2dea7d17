// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package parquet

import (
	"math/bits"
	"strings"
)

// memo assigns codes to numbers, in order of appearance.
type memo struct {
	values []int64
	// table holds the codes plus one, at the positions that the numbers hash to or after these. Its length is a power of two.
	table    []int32
	last     int64
	lastCode int32
}

const leastTable = 256

func (m *memo) reset() {
	m.values = m.values[:0]
	if m.table == nil {
		m.table = make([]int32, leastTable)
	}
	clear(m.table)
}

func (m *memo) code(v int64) int32 {
	if len(m.values) > 0 && v == m.last {
		return m.lastCode
	}
	mask := uint64(len(m.table) - 1)
	at := m.hash(v)
	for ; m.table[at] != 0; at = (at + 1) & mask {
		if code := m.table[at] - 1; m.values[code] == v {
			m.last, m.lastCode = v, code
			return code
		}
	}
	m.values = append(m.values, v)
	m.last, m.lastCode = v, int32(len(m.values)-1)
	m.table[at] = m.lastCode + 1
	if 2*len(m.values) > len(m.table) {
		m.grow()
	}
	return m.lastCode
}

// hash returns the upper bits of a product, so that numbers that differ only in their lower bits are spread.
func (m *memo) hash(v int64) uint64 {
	const odd = 0x9E3779B97F4A7C15
	return uint64(v) * odd >> (64 - bits.TrailingZeros(uint(len(m.table))))
}

func (m *memo) grow() {
	m.table = make([]int32, 2*len(m.table))
	mask := uint64(len(m.table) - 1)
	for code, v := range m.values {
		at := m.hash(v)
		for m.table[at] != 0 {
			at = (at + 1) & mask
		}
		m.table[at] = int32(code) + 1
	}
}

// words assigns codes to texts, in order of appearance.
type words struct {
	codes map[string]uint32
	list  []string
	bytes int
	// most is the size of texts that are kept; others become the empty text. 0 keeps all.
	most int
}

func newWords(classes bool) *words {
	w := &words{codes: map[string]uint32{}}
	if classes {
		w.most = maxClassBytes
	}
	return w
}

// code returns the code of a text, which has to be valid only during the call.
func (w *words) code(text string) uint32 {
	if n, ok := w.codes[text]; ok {
		return n
	}
	if w.most > 0 && w.bytes > w.most && text != "" {
		return w.code("")
	}
	text = strings.Clone(text)
	n := uint32(len(w.list))
	w.codes[text], w.list = n, append(w.list, text)
	w.bytes += len(text)
	return n
}
