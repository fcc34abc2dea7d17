// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gctuner keeps a program with a small heap from collecting garbage all the time. With a live heap of 10 MiB and GOGC=100, Go collects after
// every 10 MiB that are allocated, which a busy program does many times a second. The tuner sets GOGC after each collection, so that the heap can grow by
// a fixed number of bytes, or by a share of the live heap if that is more. GOMEMLIMIT still bounds the heap.
package gctuner

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// minHeap is the smallest heap that Go collects with GOGC=100. It grows with GOGC.
	minHeap = 4 << 20
	// tolerance is the change of GOGC, as a part of its value, that is not worth setting it. Each time stops the program for a moment.
	tolerance = 0.1
)

// Start lets the heap grow by headroom bytes between two collections, or by minPercent of the live heap if that is more. It changes nothing if GOGC is
// set. Call it once, at the start of a program.
func Start(headroom int64, minPercent int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	t := &tuner{headroom: headroom, minPercent: minPercent, live: []metrics.Sample{{Name: "/gc/heap/live:bytes"}}}
	t.tune()
	afterEachCollection(t.tune)
}

type tuner struct {
	headroom   int64
	minPercent int
	live       []metrics.Sample
	// set is the percentage that is set; 0 if none is.
	set int
}

func (t *tuner) tune() {
	metrics.Read(t.live)
	want := percent(t.live[0].Value.Uint64(), t.headroom, t.minPercent)
	if math.Abs(float64(want-t.set)) <= tolerance*float64(t.set) {
		return
	}
	t.set = want
	debug.SetGCPercent(want)
}

// percent returns the GOGC with which a heap of which live bytes are reachable grows by headroom bytes, within the limits.
func percent(live uint64, headroom int64, minPercent int) int {
	return int(max(float64(minPercent), 100*float64(headroom)/float64(max(live, minHeap))))
}

// sentinel is an object that nothing refers to. It contains a pointer, because tiny objects without one share a block, whose finalizers can wait.
type sentinel struct{ _ *sentinel }

// afterEachCollection calls f after each collection, in the goroutine of finalizers, so f must be short.
func afterEachCollection(f func()) {
	var again func(*sentinel)
	again = func(s *sentinel) {
		f()
		runtime.SetFinalizer(s, again)
	}
	runtime.SetFinalizer(&sentinel{}, again)
}
