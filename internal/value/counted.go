// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"fmt"
	"strings"
)

// Counted formats a number with its noun: "1 row", "2 rows".
func Counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Agreed returns the word that agrees with a number, such as "is" or "are".
func Agreed[N int | int64](n N, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// shownNames is the number of names that a message lists.
const shownNames = 3

// Listed formats names for a message: the first three, and the number of further ones.
func Listed(names []string) string {
	if len(names) <= shownNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:shownNames], ", "), len(names)-shownNames)
}
