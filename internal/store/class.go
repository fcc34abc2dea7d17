// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import "slices"

// ColumnClass is the class of an event, as text of event.Class. Only packed scans have it. It replaces the columns of ClassColumns, so that common
// values of many events are evaluated once.
const ColumnClass = "class"

// ClassColumns are the columns that a class replaces. Of the time of receipt, it only keeps whether the event was late.
var ClassColumns = []string{
	ColumnSource, ColumnChannel, ColumnKind, ColumnInitiator, ColumnEvent, ColumnReceivedAt, ColumnFlags,
}

// WithClass returns the columns, with the class instead of those that it replaces.
func WithClass(columns []string) []string {
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(ClassColumns, c) })
	return append(out, ColumnClass)
}

// withoutClass is the inverse.
func withoutClass(columns []string) []string {
	if !slices.Contains(columns, ColumnClass) {
		return columns
	}
	out := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == ColumnClass || slices.Contains(ClassColumns, c) })
	return append(out, ClassColumns...)
}
