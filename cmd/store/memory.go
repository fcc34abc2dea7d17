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
)

const (
	// cgroupLimit is the container's memory limit, in cgroup version 2.
	cgroupLimit = "/sys/fs/cgroup/memory.max"
	// fallbackMemory is assumed where no limit is known.
	fallbackMemory int64 = 2 << 30
	minWork        int64 = 64 << 20
	// gcPercent of what is in use may be garbage: half of the runtime's usual, because what the store holds is mostly without pointers,
	// so that looking through it is cheap. GOGC overrides it.
	gcPercent = 50
)

// limitMemory shares the memory: half of it is for what comes in and stays, a third for work, which is sorting, merging and what is kept sorted for
// scans. The runtime is told of both; the rest is for stacks and page tables. The total is what was asked for, else the container's limit, else
// GOMEMLIMIT.
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
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	log.Info("memory", "total", total, "stay", stay, "work", work)
	return stay, work
}

// readLimit returns the number in the file, 0 if there is none or no limit.
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
