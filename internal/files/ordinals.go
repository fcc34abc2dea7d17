// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"fmt"

	"github.com/zeebo/xxh3"
)

// maxDistinct bounds the rows that are remembered: about half a gigabyte of memory.
const maxDistinct = 1 << 24

// Ordinals tell equal rows of one file apart. A row without an id of its own is known by its content and by its place among the rows of that
// content, so that it is the same row in a file that was written again, appended to, renamed, compressed or encoded otherwise, and in one
// that overlaps; and two equal rows are two events. The zero value is ready to use.
type Ordinals struct {
	// seen counts rows by a hash of their content, 20 bytes each. Should two contents share a hash, one of them has a higher place.
	seen map[uint64]uint32
}

// Of returns the id of the next row, from the text that stands for its content.
func (o *Ordinals) Of(content string) (string, error) {
	if o.seen == nil {
		o.seen = map[uint64]uint32{}
	}
	h := xxh3.HashString(content)
	n := o.seen[h] + 1
	if n == 1 && len(o.seen) == maxDistinct {
		return "", fmt.Errorf("more than %d different rows without an id: give the rows a column id, or the mapping rule an id", maxDistinct)
	}
	o.seen[h] = n
	if n == 1 {
		return content, nil
	}
	return fmt.Sprintf("%s#%d", content, n), nil
}
