// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package number

import "strconv"

// Whole formats a whole number for a Grid.
func Whole(n int64) string { return strconv.FormatInt(n, 10) }

// Rounded formats a computed number for a Grid.
func Rounded(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }
