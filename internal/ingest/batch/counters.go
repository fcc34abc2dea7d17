// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxExample is the greatest length of an example in bytes; the status of a source shows it.
const maxExample = 200

// Count a refused document by its reason, with the example of the newest.
func Count(c *store.Counters, r *reject.Rejection) {
	if c.Rejected == nil {
		c.Rejected = map[string]store.Rejection{}
	}
	c.Rejected[r.Reason] = store.Rejection{Count: c.Rejected[r.Reason].Count + 1, Example: example(r)}
}

// example is short, of one line, and repeats no value: rejections have none.
func example(r *reject.Rejection) string { return Shorten(r.Example()) }

// Shorten gives a text as one line of at most maxExample bytes.
func Shorten(text string) string {
	s := value.Clean(text)
	if len(s) > maxExample {
		s = s[:maxExample]
		for len(s) > 0 && s[len(s)-1] >= 0x80 {
			s = s[:len(s)-1]
		}
	}
	return s
}

// Add adds counters to c. There are as many reasons as constants, so it stays small.
func Add(c *store.Counters, more store.Counters) {
	c.Accepted += more.Accepted
	c.Dropped += more.Dropped
	c.WithoutID += more.WithoutID
	c.Uncorrected += more.Uncorrected
	c.Placeholders += more.Placeholders
	c.PlaceholderIDs += more.PlaceholderIDs
	c.Unidentified += more.Unidentified
	for reason, r := range more.Rejected {
		if c.Rejected == nil {
			c.Rejected = map[string]store.Rejection{}
		}
		c.Rejected[reason] = store.Rejection{Count: c.Rejected[reason].Count + r.Count, Example: r.Example}
	}
}

// Empty says that nothing was counted.
func Empty(c *store.Counters) bool {
	return c.Accepted == 0 && c.Dropped == 0 && c.WithoutID == 0 && c.Uncorrected == 0 &&
		c.Placeholders == 0 && c.PlaceholderIDs == 0 && c.Unidentified == 0 && len(c.Rejected) == 0
}
