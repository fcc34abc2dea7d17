// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
)

// MaxDictionary is the number of texts that fit into two-byte numbers.
const MaxDictionary = 1 << 16

// dictionary numbers the texts of a column of a response.
type dictionary struct {
	numbers map[string]uint32
	texts   []string
	arrow   *array.String
	// full is set if there was no room for a text. The scan then fails instead of returning a wrong text.
	full bool
}

func newDictionary() *dictionary { return &dictionary{numbers: map[string]uint32{}} }

// room reports whether there is room for n more texts.
func (d *dictionary) room(n int) bool { return len(d.texts)+n <= MaxDictionary }

func (d *dictionary) number(text string) uint32 {
	if n, ok := d.numbers[text]; ok {
		return n
	}
	if len(d.texts) >= MaxDictionary {
		d.full = true
		return 0
	}
	text = strings.Clone(text)
	n := uint32(len(d.texts))
	d.numbers[text], d.texts = n, append(d.texts, text)
	return n
}

// tableOf returns the numbers, plus one, of a block's texts; 0 for those that were not looked up yet.
func (d *dictionary) tableOf(c *block.Column) []uint32 {
	if c.Owner != d || len(c.Table) != len(c.Dict) {
		c.Owner = d
		if cap(c.Table) < len(c.Dict) {
			c.Table = make([]uint32, len(c.Dict))
		}
		c.Table = c.Table[:len(c.Dict)]
		clear(c.Table)
	}
	return c.Table
}

// array returns the array of the texts. It is the same one as long as no texts are added.
func (d *dictionary) array() arrow.Array {
	if d.arrow == nil || d.arrow.Len() != len(d.texts) {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		b.AppendValues(d.texts, nil)
		d.arrow = b.NewStringArray()
		b.Release()
	}
	return d.arrow
}
