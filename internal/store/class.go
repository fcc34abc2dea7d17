// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "slices"

// ColumnClass is the class of an event, a text as event.Class gives it. Packed scans alone have it: it stands for the columns of
// ClassColumns, so that what many events have in common is evaluated once.
const ColumnClass = "class"

// ClassColumns are the columns that a class stands for. Of the time of receipt it keeps only whether the event was late.
var ClassColumns = []string{
	ColumnSource, ColumnChannel, ColumnKind, ColumnInitiator, ColumnEvent, ColumnReceivedAt, ColumnFlags,
}

// WithClass returns columns of which the class takes the place of those that it stands for.
func WithClass(columns []string) []string {
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(ClassColumns, c) })
	return append(out, ColumnClass)
}

// withoutClass is the way back.
func withoutClass(columns []string) []string {
	if !slices.Contains(columns, ColumnClass) {
		return columns
	}
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == ColumnClass || slices.Contains(ClassColumns, c) })
	return append(out, ClassColumns...)
}
