// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package preview

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// numerals counts the identifiers of one type that are numbers, by their form: 12345.0 and 12345.
type numerals struct{ pointed, whole int64 }

// numerals takes note of how the identifiers of an event are written.
func (f *filler) numerals(e *event.Event) {
	for _, i := range e.Identities {
		digits, pointed := strings.CutSuffix(i.Value, ".0")
		if digits == "" || strings.Trim(digits, "0123456789") != "" {
			continue
		}
		n := f.numbers[i.Type]
		if pointed {
			n.pointed++
		} else {
			n.whole++
		}
		f.numbers[i.Type] = n
	}
}

// pointZeros notes types of identity that hold numbers in both forms: tools for data frames write 12345.0 when a column has gaps, which is another
// customer than 12345.
func (f *filler) pointZeros() []string {
	var out []string
	for _, typ := range slices.Sorted(maps.Keys(f.numbers)) {
		if n := f.numbers[typ]; n.pointed > 0 && n.whole > 0 {
			out = append(out, fmt.Sprintf("%s is a number that ends in .0 in %s, and a whole number in %s: 12345.0 and 12345 are two customers; "+
				"pandas writes the first where a column has gaps (astype(\"Int64\") keeps whole numbers)",
				typ, value.Counted(n.pointed, "event"), value.Counted(n.whole, "event")))
		}
	}
	return out
}
