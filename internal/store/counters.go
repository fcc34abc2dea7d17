// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// OtherReason counts the rejections for reasons beyond MaxReasons.
const OtherReason = "other"

// numbers returns all counters except rejections.
func (c *Counters) numbers() [7]*int64 {
	return [...]*int64{&c.Accepted, &c.Dropped, &c.WithoutID, &c.Uncorrected, &c.Placeholders, &c.PlaceholderIDs, &c.Unidentified}
}

// Add adds the increments. Reasons beyond MaxReasons become OtherReason. Names are processed in order, so the result does not depend on the order of a map.
func (c *Counters) Add(d Counters) {
	more := d.numbers()
	for i, n := range c.numbers() {
		*n += *more[i]
	}
	for _, reason := range slices.Sorted(maps.Keys(d.Rejected)) {
		if c.Rejected == nil {
			c.Rejected = map[string]Rejection{}
		}
		add := d.Rejected[reason]
		if _, known := c.Rejected[reason]; !known && len(c.Rejected) >= MaxReasons-1 {
			reason = OtherReason
		}
		sum := c.Rejected[reason]
		sum.Count += add.Count
		if add.Example != "" {
			sum.Example = add.Example
		}
		c.Rejected[reason] = sum
	}
}

// Empty reports whether nothing was counted.
func (c *Counters) Empty() bool {
	for _, n := range c.numbers() {
		if *n != 0 {
			return false
		}
	}
	return len(c.Rejected) == 0
}

func (c *Counters) check() error {
	negative := false
	for _, n := range c.numbers() {
		negative = negative || *n < 0
	}
	for reason, r := range c.Rejected {
		negative = negative || r.Count < 0
		if len(reason)+len(r.Example) > event.MaxTextBytes {
			return fmt.Errorf("%w: a reason and its example are over %d bytes", ErrInvalid, event.MaxTextBytes)
		}
	}
	if negative {
		return fmt.Errorf("%w: counters only grow", ErrInvalid)
	}
	return nil
}
