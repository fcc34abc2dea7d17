// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import "fmt"

// Need describes the data of a run, to compute the disk space and memory that it needs.
type Need struct {
	// Events in each of the Worlds, in a number of Layouts.
	Events, Worlds, Layouts int
	// Keep keeps the folders of all engines and worlds. Without it, they are removed before the next ones are created.
	Keep bool
}

// Measured with several million events, in bytes per event and rounded up. On disk: one layout of Journeyman while it is created, all tables of
// ClickHouse, and the files of DuckDB. In memory: an event in the log of a running store.
const (
	firstLayoutDisk  = 80
	furtherDisk      = 45
	clickhouseDisk   = 100
	duckdbDisk       = 50
	logMemory        = 300
	leastMemory      = 1 << 30
	memoryOfAnEvent  = 200
	largestFillStore = 8 << 30
)

func (n *Need) disk() int64 {
	ours := firstLayoutDisk + furtherDisk*int64(max(0, n.Layouts-1))
	each := max(ours, clickhouseDisk, duckdbDisk)
	if n.Keep {
		each = (ours + clickhouseDisk + duckdbDisk) * int64(n.Worlds)
	}
	return each*int64(n.Events) + 1<<30
}

// memory returns the bytes that each part of a run needs, except for parts that check the free memory themselves.
func (n *Need) memory() int64 {
	return min(largestFillStore, leastMemory+int64(n.Events)*memoryOfAnEvent)
}

// Room returns an error if disk space or memory is too small, before any data is created. Data of earlier runs is used again or removed.
func (b *Bench) Room(n Need) error {
	free, err := freeDisk(b.Dir)
	if err != nil {
		return err
	}
	have, err := held(b.Dir)
	if err != nil {
		return err
	}
	free += have
	memory := FreeMemory()
	b.Say("needs about %.1f GB of disk in %s, which has %.1f GB free or in use by earlier runs, and %.1f GB of memory, of which %.1f GB are free",
		float64(n.disk())/1e9, b.Dir, float64(free)/1e9, float64(n.memory())/1e9, float64(memory)/1e9)
	if free < n.disk() {
		return fmt.Errorf("%s has %.1f GB free or in use by earlier runs, %d events need about %.1f GB: take fewer by EVENTS=, fewer layouts by "+
			"-fresh=0, or another folder by BENCH_DIR=", b.Dir, float64(free)/1e9, n.Events, float64(n.disk())/1e9)
	}
	if memory > 0 && memory < n.memory() {
		return fmt.Errorf("%.1f GB of memory are free, %d events need about %.1f GB: take fewer by EVENTS=", float64(memory)/1e9, n.Events,
			float64(n.memory())/1e9)
	}
	return nil
}

// Most returns the memory limit of an engine: the requested one, but at most half of the free memory.
func Most(bytes int64) int64 {
	if free := FreeMemory(); free > 0 {
		return min(bytes, free/2)
	}
	return bytes
}

// TooFresh says why a layout cannot be measured on this machine, or returns an empty string: a store keeps its log in memory.
func (b *Bench) TooFresh(events, percent int) string {
	log := int64(events) / 100 * int64(percent) * logMemory
	if memory := FreeMemory(); memory > 0 && log > memory*8/10 {
		return fmt.Sprintf("the log of %d M events would take about %.0f GB of memory, %.0f GB are free; a store in a pod refuses more than 256 MiB of log",
			events/100*percent/1_000_000, float64(log)/1e9, float64(memory)/1e9)
	}
	return ""
}
