// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import "fmt"

// Need is what a run makes room for.
type Need struct {
	// Events of each of the Worlds, in so many Layouts.
	Events, Worlds, Layouts int
	// Keep leaves the folders of all engines and worlds beside each other; else those of one go before those of the next are made.
	Keep bool
}

// What was seen with some millions of events, in bytes an event and rounded up: on the disk, a layout of ours with what it needs while it is
// made, all tables of ClickHouse and the files of DuckDB; in memory, an event in the log of a store that runs.
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

// memory that each part of a run needs, those apart that look at what is free.
func (n *Need) memory() int64 {
	return min(largestFillStore, leastMemory+int64(n.Events)*memoryOfAnEvent)
}

// Room says what is too little before anything is made. What earlier runs left in the folder is used again, or goes.
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

// Most gives a limit of memory for an engine: what is asked for, or half of what is free if that is less.
func Most(bytes int64) int64 {
	if free := FreeMemory(); free > 0 {
		return min(bytes, free/2)
	}
	return bytes
}

// TooFresh says why a layout cannot be measured here: a store holds its log in memory.
func (b *Bench) TooFresh(events, percent int) string {
	log := int64(events) / 100 * int64(percent) * logMemory
	if memory := FreeMemory(); memory > 0 && log > memory*8/10 {
		return fmt.Sprintf("the log of %d M events would take about %.0f GB of memory, %.0f GB are free; a store in a pod refuses more than 256 MiB of log",
			events/100*percent/1_000_000, float64(log)/1e9, float64(memory)/1e9)
	}
	return ""
}
