// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package engine takes rows and gives sums. It takes them one by one (Add) or as runs of classes (AddRun), keeps the events of one person at a
// time, and adds each complete person to the funnel, the coverage, the metrics and the breakdowns of each period. All sums have Merge, so
// that any split of the persons over engines gives the numbers of the whole. An engine serves one goroutine.
package engine
