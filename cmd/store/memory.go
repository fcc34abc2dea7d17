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
	minEngine      int64 = 128 << 20
	// gcPercent of what is in use may be garbage: half of the runtime's usual, because what the store holds is mostly without pointers,
	// so that looking through it is cheap. GOGC overrides it.
	gcPercent = 50
)

// limitMemory shares the memory between the Go side (half of it) and the query engine, whose shares it gives (a third for the engine); the rest is for
// stacks, page tables and the engine's own overhead. The total is what was asked for, else the container's limit, else GOMEMLIMIT.
func limitMemory(total int64, log *slog.Logger) (goLimit, engine int64) {
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
	goLimit = min(env, total/2)
	debug.SetMemoryLimit(goLimit)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	engine = max(total/3, minEngine)
	log.Info("memory", "total", total, "go", goLimit, "engine", engine)
	return goLimit, engine
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
