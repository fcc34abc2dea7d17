// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import "fmt"

// Need is a world to make room for.
type Need struct {
	Events     int
	Identities bool
	// Keep leaves the folders of all engines beside each other; else those of one go before those of the next are made.
	Keep bool
}

// What was seen with a million events, in bytes an event and rounded up: on the disk, all layouts of an engine with what it needs meanwhile;
// in memory, an event in the log of a store that runs. Filling a store takes fillMemory besides.
const (
	oursDisk       = 200
	clickhouseDisk = 130
	duckdbDisk     = 80
	logMemory      = 1000
	fillMemory     = 8 << 30
)

// Room says what is too little before anything is made.
func (b *Bench) Room(n Need) error {
	disk := int64(oursDisk)
	if n.Keep {
		disk += clickhouseDisk + duckdbDisk
	}
	disk = disk*int64(n.Events) + 1<<30
	free, err := freeDisk(b.Dir)
	if err != nil {
		return err
	}
	have, err := held(b.Dir)
	if err != nil {
		return err
	}
	free += have
	memory := freeMemory()
	b.Say("needs about %.1f GB of disk in %s, which has %.1f GB free or in use by earlier runs, and %.1f GB of memory, of which %.1f GB are free",
		float64(disk)/1e9, b.Dir, float64(free)/1e9, float64(need(n.Events))/1e9, float64(memory)/1e9)
	if free < disk {
		return fmt.Errorf("%s has %.1f GB free or in use by earlier runs, %d events need about %.1f GB: take fewer by EVENTS=, or another folder by BENCH_DIR=",
			b.Dir, float64(free)/1e9, n.Events, float64(disk)/1e9)
	}
	if memory > 0 && memory < need(n.Events) {
		return fmt.Errorf("%.1f GB of memory are free, %d events need about %.1f GB: take fewer by EVENTS=", float64(memory)/1e9, n.Events,
			float64(need(n.Events))/1e9)
	}
	return nil
}

// need of memory of the parts that all runs have.
func need(events int) int64 { return min(fillMemory, 1<<30+int64(events)*200) }

// TooFresh says why a layout cannot be measured here: a store holds its log in memory.
func (b *Bench) TooFresh(events, percent int) string {
	log := int64(events) / 100 * int64(percent) * logMemory
	if memory := freeMemory(); memory > 0 && log > memory*8/10 {
		return fmt.Sprintf("the log of %d M events would take about %.0f GB of memory, %.0f GB are free; a store in a pod refuses more than 256 MiB of log",
			events/100*percent/1_000_000, float64(log)/1e9, float64(memory)/1e9)
	}
	return ""
}
