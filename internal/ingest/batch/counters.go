// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package batch

import (
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// maxExample is the length of an example in bytes, as in the status of a source.
const maxExample = 200

// Count counts a refused document by its reason, with the latest example.
func Count(c *store.Counters, r *reject.Rejection) {
	if c.Rejected == nil {
		c.Rejected = map[string]store.Rejection{}
	}
	c.Rejected[r.Reason] = store.Rejection{Count: c.Rejected[r.Reason].Count + 1, Example: example(r)}
}

// example returns a short text of one line. It contains no values, because rejections have none.
func example(r *reject.Rejection) string { return Shorten(r.Example()) }

// Shorten returns a text as one line of at most maxExample bytes.
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
