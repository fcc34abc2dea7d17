// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/gctuner"
)

const (
	// cgroupLimit is the file with the memory limit of the container, in cgroup version 2.
	cgroupLimit = "/sys/fs/cgroup/memory.max"
	// fallbackMemory is used if no limit is known.
	fallbackMemory int64 = 2 << 30
	minWork        int64 = 64 << 20
	// gcPercent is half of Go's default. A collection is cheap, because most data of the store has no pointers. GOGC overrides it.
	gcPercent = 50
	// maxHeadroom is what can be allocated between two collections while the heap is small, at most this share of the memory.
	maxHeadroom   int64 = 128 << 20
	headroomShare       = 8
)

// limitMemory divides the memory: half for data that stays, such as identities and the log, a third for work, such as sorting, merging and scans, and
// the rest for stacks and page tables. It sets the limit of Go's runtime accordingly. The total is the flag or, without it, the limit of the
// container or GOMEMLIMIT.
func limitMemory(total int64, log *slog.Logger) (stay, work int64) {
	env := debug.SetMemoryLimit(-1)
	if total <= 0 {
		total = readLimit(cgroupLimit)
	}
	if total <= 0 && env != math.MaxInt64 {
		total = env
	}
	if total <= 0 {
		total = fallbackMemory
	}
	stay, work = min(env, total/2), max(total/3, minWork)
	debug.SetMemoryLimit(min(env, total/2+total/3))
	gctuner.Start(min(maxHeadroom, total/headroomShare), gcPercent)
	log.Info("memory", "total", total, "stay", stay, "work", work)
	return stay, work
}

// readLimit returns the number in the file, or 0 if there is no file or no limit.
func readLimit(path string) int64 {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
