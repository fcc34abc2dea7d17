// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zeebo/xxh3"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// benchLayout has the columns of a journey map.
var benchLayout = Layout{
	Columns: []Column{
		{Name: "time", Kind: block.Long, From: 0}, {Name: "seq", Kind: block.Long, From: 1}, {Name: "index", Kind: block.Int, From: 2},
		{Name: "source", Kind: block.Text, From: 3, Few: true}, {Name: "channel", Kind: block.Text, From: 4, Few: true},
		{Name: "kind", Kind: block.Byte, From: 5}, {Name: "initiator", Kind: block.Byte, From: 6},
		{Name: "event", Kind: block.Text, From: 7, Few: true}, {Name: "receivedAt", Kind: block.Long, From: 8}, {Name: "flags", Kind: block.Byte, From: 9},
	},
	Time: 0, Seq: 1, Index: 2,
}

const benchRows = 8192

// benchBlock generates the next rows of a scan by person, with three sessions in the 24 events of a person.
type benchBlock struct {
	block.Block
	rows []int32
	keys []string
	next int64
}

func newBenchBlock() *benchBlock {
	b := &benchBlock{}
	b.Columns = make([]block.Column, len(benchLayout.Columns))
	for i, c := range benchLayout.Columns {
		b.Columns[i].Kind = c.Kind
	}
	b.Columns[3].Dict, b.Columns[4].Dict = []string{"shop"}, []string{"web", "mobile", "email", "store"}
	for i := range 20 {
		b.Columns[7].Dict = append(b.Columns[7].Dict, fmt.Sprint("Event Number ", i))
	}
	for i := range int32(benchRows) {
		b.rows = append(b.rows, i)
	}
	b.keys = make([]string, benchRows)
	b.Rows = benchRows
	for i := range b.Columns {
		c := &b.Columns[i]
		c.Longs, c.Ints, c.Bytes, c.Codes = make([]int64, benchRows), make([]int32, benchRows), make([]uint8, benchRows), make([]uint32, benchRows)
	}
	return b
}

func (b *benchBlock) fill() {
	var sessions [3]string
	c := b.Columns
	for i := range benchRows {
		n := b.next + int64(i)
		if person := n / 24; i == 0 || n%24 == 0 {
			for s := range sessions {
				sessions[s] = "01J" + strconv.FormatUint(xxh3.HashString(strconv.FormatInt(3*person+int64(s), 10)), 36)
			}
		}
		h := uint64(n) * 0x9e3779b97f4a7c15
		b.keys[i] = sessions[h>>33%3]
		at := 1_770_000_000_000_000 + n%24*100_000_000_000 + int64(h>>40)*1000
		c[0].Longs[i], c[1].Longs[i], c[2].Ints[i], c[8].Longs[i] = at, int64(h>>44), int32(h>>20&4095), at+1_000_000
		c[4].Codes[i], c[7].Codes[i] = uint32(h>>30&3), uint32(h>>35%20)
	}
	b.next += benchRows
}

// BenchmarkSort sorts the rows of a scan by session, which arrive by person: JOURNEYMAN_BENCH_MILLIONS (1) million rows in a pool of 512 MiB, half of
// the default of the store. It reports the peak memory of the process.
func BenchmarkSort(b *testing.B) {
	millions, err := strconv.ParseInt(os.Getenv("JOURNEYMAN_BENCH_MILLIONS"), 10, 64)
	if err != nil {
		millions = 1
	}
	count := millions * 1_000_000 / benchRows * benchRows
	p := testPool(b, volume.System{}, b.TempDir(), 512<<20, 64<<30)
	b.Run(fmt.Sprintf("rows=%dM", millions), func(b *testing.B) {
		var before, after syscall.Rusage
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
		for b.Loop() {
			sortMany(b, p, count)
		}
		require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
		cpu := time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
		b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
		b.ReportMetric(float64(after.Maxrss)/1024, "peak-MB")
	})
}

func sortMany(b *testing.B, p *Pool, count int64) {
	s, err := p.Sorter(b.Context(), benchLayout)
	require.NoError(b, err)
	defer func() { require.NoError(b, s.Close()) }()
	rows := newBenchBlock()
	for rows.next < count {
		rows.fill()
		require.NoError(b, s.Add(&rows.Block, rows.rows, rows.keys))
	}
	require.NoError(b, s.Sort())
	b.ReportMetric(float64(p.used.Load())/(1<<20), "spilled-MB")
	b.ReportMetric(float64(len(s.files)), "files")
	sorted := int64(0)
	for {
		next, err := s.Next(32 << 10)
		require.NoError(b, err)
		if next.Block == nil {
			break
		}
		sorted += int64(next.End - next.First)
	}
	require.Equal(b, count, sorted)
}
