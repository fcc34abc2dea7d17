// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package files

import (
	"cmp"
	"fmt"

	"github.com/zeebo/xxh3"
)

// maxDistinct is the number of rows that are remembered, in about half a gigabyte of memory.
const maxDistinct = 1 << 24

// Ordinals distinguishes equal rows of one file. A row without an id is identified by its content and by its position among the rows with that
// content. It is therefore the same row in a file that was rewritten, appended to, renamed, compressed or encoded differently, and in one that
// overlaps. Two equal rows are two events. The zero value is ready to use.
type Ordinals struct {
	// Most is the number of different rows. Default: 16,777,216.
	Most int
	// seen counts rows by a hash of their content, 20 bytes each. If two contents share a hash, one of them gets a higher position.
	seen map[uint64]uint32
}

// Of returns the id of the next row, given its content as text.
func (o *Ordinals) Of(content string) (string, error) {
	if o.seen == nil {
		o.seen = map[uint64]uint32{}
	}
	h := xxh3.HashString(content)
	n := o.seen[h] + 1
	if most := cmp.Or(o.Most, maxDistinct); n == 1 && len(o.seen) == most {
		return "", fmt.Errorf("more than %d different rows without an id: give the rows a column id, or the mapping rule an id", most)
	}
	o.seen[h] = n
	if n == 1 {
		return content, nil
	}
	return fmt.Sprintf("%s#%d", content, n), nil
}
