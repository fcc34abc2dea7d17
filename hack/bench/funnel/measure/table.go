// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// Names of the engines in the table. The ratios compare with ClickHouse over sorted data.
const (
	Journeyman   = "Journeyman"
	ClickHouse   = "ClickHouse, String"
	ClickHouseLC = "ClickHouse, LowCardinality"
)

// Clustered is the layout without fresh events.
var Clustered = FreshLayout(0)

// FreshLayout returns the name of the layout in which the newest share of the time, in percent, is fresh.
func FreshLayout(percent int) string { return fmt.Sprintf("%d %% fresh", percent) }

// clustered returns the line of an engine over clustered data, or an empty line if it was not measured.
func (b *Bench) clustered(row, engine string) line {
	for _, l := range b.lines {
		if l.row == row && l.engine == engine && l.layout == Clustered {
			return l
		}
	}
	return line{}
}

func (b *Bench) warm(row, engine string) time.Duration { return b.clustered(row, engine).warm }

func ratio(a, of time.Duration) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", float64(a)/float64(of))
}

// Print writes the table, with the ratios of the warm times, the goals, and the distance of Journeyman's runs from the limit of the machine.
func (b *Bench) Print() {
	slices.SortStableFunc(b.lines, func(a, b line) int { return cmp.Compare(a.place, b.place) })
	b.Say("\nRatios are those of the warm times: to ClickHouse's row (a) by both ways to keep the names, and to its same row with names as\n" +
		"String, all 0 %% fresh; the last one that of the CPU time to its row (a), which says more on a busy machine.")
	out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "row\tlayout\tengine\tcold s\twarm s\tCPU s\tpeak MiB\tof CH (a)\tof CH LC (a)\tof CH same row\tCPU of CH (a)\t")
	for _, l := range b.lines {
		fmt.Fprintf(out, "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%d\t%s\t%s\t%s\t%s\t\n", l.row, l.layout, l.engine, l.cold.Seconds(), l.warm.Seconds(), l.cpu.Seconds(),
			l.memory>>20, ratio(l.warm, b.warm("a", ClickHouse)), ratio(l.warm, b.warm("a", ClickHouseLC)), ratio(l.warm, b.warm(l.row, ClickHouse)),
			ratio(l.cpu, b.clustered("a", ClickHouse).cpu))
	}
	_ = out.Flush() // standard output
	b.goals()
	b.limits()
}

// goals prints which goals the run reached.
func (b *Bench) goals() {
	base := b.warm("a", ClickHouse)
	for _, goal := range []struct {
		row, text string
		most      float64
	}{{"a", "at most half of ClickHouse's time", 0.5}, {"b", "no slower than ClickHouse's row (a)", 1}} {
		if ours := b.warm(goal.row, Journeyman); ours > 0 && base > 0 {
			verdict := "reached"
			if float64(ours) > goal.most*float64(base) {
				verdict = "not reached"
			}
			b.Say("goal of row (%s), %s: %s, %s of it", goal.row, goal.text, verdict, ratio(ours, base))
		}
	}
	most, at := int64(0), line{}
	for _, l := range b.lines {
		if l.engine == Journeyman && l.memory > most {
			most, at = l.memory, l
		}
	}
	if most > 0 {
		verdict := "below"
		if most > 1<<30 {
			verdict = "above"
		}
		b.Say("goal of memory: the most of job and store together was %d MiB, row (%s), %s: %s 1 GiB", most>>20, at.row, at.layout, verdict)
	}
}

// limits prints, for each row of Journeyman, how much longer it takes than reading the same bytes from memory.
func (b *Bench) limits() {
	b.speed = max(b.speed, CopySpeed(b.Threads))
	b.Say("The limit is what %d threads copy in memory, %.1f GB/s: the bytes that a run reads from files and log, divided by that.", b.Threads, b.speed/1e9)
	for _, l := range b.lines {
		if l.bytes > 0 {
			limit := float64(l.bytes) / b.speed
			b.Say("limit of row (%s), %s, %s: %d MB read, %.4f s of memory's time; the warm run took %.0f times that, its CPU on all threads %.0f times",
				l.row, l.engine, l.layout, l.bytes/1_000_000, limit, l.warm.Seconds()/limit, l.cpu.Seconds()/float64(b.Threads)/limit)
		}
	}
}
