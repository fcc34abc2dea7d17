// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package engine reads rows and computes sums. It takes rows one by one (Add) or as runs of classes (AddRun), keeps the events of one person at a
// time, and adds each complete person to the funnel, the coverage, the metrics and the breakdowns of each period. All sums have Merge: any split of
// the persons over engines gives the same numbers as one engine. An engine must not be used by several goroutines at once.
package engine
