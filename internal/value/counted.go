// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"fmt"
	"strings"
)

// Counted writes a number with the noun that it counts: "1 row", "2 rows".
func Counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Agreed returns the word that agrees with a number: "is" or "are".
func Agreed[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// shownNames is how many names a message lists.
const shownNames = 3

// Listed lists names for a message: the first three, and how many more there are.
func Listed(names []string) string {
	if len(names) <= shownNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shownNames], ", "), len(names)-shownNames)
}
