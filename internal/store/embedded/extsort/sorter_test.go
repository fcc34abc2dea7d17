// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package extsort

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

// row has all columns of testLayout, and the key.
type row struct {
	time, seq int64
	index     int32
	kind      uint8
	name, id  string
	key       string
}

// testLayout has columns in other positions than the block, like a scan.
var testLayout = Layout{
	Columns: []Column{
		{Name: "time", Kind: block.Long, From: 5}, {Name: "seq", Kind: block.Long, From: 4}, {Name: "index", Kind: block.Int, From: 3},
		{Name: "kind", Kind: block.Byte, From: 2}, {Name: "name", Kind: block.Text, From: 1, Few: true}, {Name: "id", Kind: block.Text, From: 0},
	},
	Time: 0, Seq: 1, Index: 2,
}

func blockOf(list []row) *block.Block {
	b := &block.Block{Rows: len(list), Columns: make([]block.Column, 6)}
	for i, kind := range []block.Kind{block.Text, block.Text, block.Byte, block.Int, block.Long, block.Long} {
		b.Columns[i].Kind = kind
	}
	names := map[string]uint32{}
	for i, r := range list {
		b.Columns[5].Longs, b.Columns[4].Longs = append(b.Columns[5].Longs, r.time), append(b.Columns[4].Longs, r.seq)
		b.Columns[3].Ints, b.Columns[2].Bytes = append(b.Columns[3].Ints, r.index), append(b.Columns[2].Bytes, r.kind)
		if _, ok := names[r.name]; !ok {
			names[r.name] = uint32(len(names))
			b.Columns[1].Dict = append(b.Columns[1].Dict, r.name)
		}
		b.Columns[1].Codes = append(b.Columns[1].Codes, names[r.name])
		b.Columns[0].Dict, b.Columns[0].Codes = append(b.Columns[0].Dict, r.id), append(b.Columns[0].Codes, uint32(i))
	}
	return b
}

// randomRows returns rows with few different times, so that many differ only in their position.
func randomRows(r *rand.Rand, n, keys, text int) []row {
	list := make([]row, n)
	for i := range list {
		list[i] = row{
			time: r.Int64N(10) - 5, seq: r.Int64N(3), index: int32(i), kind: uint8(r.IntN(3)), name: fmt.Sprint("n", r.IntN(5)),
			id: strings.Repeat("x", r.IntN(text+1)) + fmt.Sprint(i), key: fmt.Sprint("key-", r.IntN(keys)),
		}
	}
	return list
}

func inOrder(list []row) []row {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b row) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.time, b.time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
	})
	return list
}

func testPool(t testing.TB, fs volume.FS, dir string, memory, disk int64) *Pool {
	t.Helper()
	v, err := volume.Open(fs, dir, 1, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { _ = v.Close() })
	p, err := Open(v, memory, disk)
	require.NoError(t, err)
	return p
}

// add adds all rows except every seventh, in blocks of several sizes, and returns the rows that it added.
func add(s *Sorter, list []row, size int) ([]row, error) {
	var given []row
	for len(list) > 0 {
		n := min(size, len(list))
		var rows []int32
		var keys []string
		for i, r := range list[:n] {
			if r.index%7 != 0 {
				rows, keys, given = append(rows, int32(i)), append(keys, r.key), append(given, r)
			}
		}
		if err := s.Add(blockOf(list[:n]), rows, keys); err != nil {
			return nil, err
		}
		list = list[n:]
	}
	return given, nil
}

// drain returns all sorted rows, and checks their numbers.
func drain(t require.TestingT, s *Sorter, most int) ([]row, error) {
	var out []row
	number := uint64(0)
	for {
		next, err := s.Next(most)
		if err != nil || next.Block == nil {
			return out, err
		}
		require.LessOrEqual(t, next.End-next.First, most)
		b, run := next.Block, next.Run
		for i := next.First; i < next.End; i++ {
			for int(b.Persons.Ends[run]) <= i {
				run++
			}
			r := row{
				time: b.Columns[0].Longs[i], seq: b.Columns[1].Longs[i], index: b.Columns[2].Ints[i], kind: b.Columns[3].Bytes[i],
				name: strings.Clone(textOf(b, 4, i)), id: strings.Clone(textOf(b, 5, i)), key: strings.Clone(textOf(b, 6, i)),
			}
			if len(out) == 0 || out[len(out)-1].key != r.key {
				number++
			}
			require.Equal(t, number, b.Persons.Values[run])
			out = append(out, r)
		}
	}
}

func textOf(b *block.Block, column, row int) string {
	c := &b.Columns[column]
	return c.Dict[c.Codes[row]]
}

func filesIn(t require.TestingT, p *Pool) []string {
	names, err := p.volume.List(p.volume.Path(volume.Temp))
	require.NoError(t, err)
	return names
}

// requireIdle requires that there are no files, and that no disk space and memory is used.
func requireIdle(t require.TestingT, p *Pool) {
	require.Empty(t, filesIn(t, p))
	require.Zero(t, p.used.Load())
	require.True(t, p.memory.TryAcquire(atOnce*p.share))
	p.memory.Release(atOnce * p.share)
}

// Compares with a sort of the whole list, with memory from very small, with hundreds of files that are merged in several rounds, to sufficient,
// without files.
func TestSortsAsInMemory(t *testing.T) {
	v := testPool(t, volume.System{}, t.TempDir(), 1, 1).volume
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		list := randomRows(r, rapid.IntRange(0, 3000).Draw(t, "rows"), rapid.SampledFrom([]int{1, 3, 500, 100_000}).Draw(t, "keys"),
			rapid.SampledFrom([]int{0, 10, 1000}).Draw(t, "text"))
		share := rapid.SampledFrom([]int64{1, 50_000, 1 << 20, 64 << 20}).Draw(t, "share")
		p, err := Open(v, atOnce*share, 1<<30)
		require.NoError(t, err)
		s, err := p.Sorter(context.Background(), testLayout)
		require.NoError(t, err)
		given, err := add(s, list, rapid.IntRange(1, 3000).Draw(t, "block"))
		require.NoError(t, err)
		require.NoError(t, s.Sort())
		sorted, err := drain(t, s, rapid.IntRange(1, 5000).Draw(t, "most"))
		require.NoError(t, err)
		want := inOrder(given)
		require.Len(t, sorted, len(want))
		for i := range want {
			require.Equal(t, want[i], sorted[i])
		}
		require.NoError(t, s.Close())
		requireIdle(t, p)
	})
}

// With sufficient memory, there is no file. With too little memory for rows and for reading all files, there are ten files more than the twelve of
// the rows.
func TestSpillsWhatDoesNotFit(t *testing.T) {
	list := randomRows(rand.New(rand.NewPCG(7, 8)), 6000, 500, 1000)
	for share, files := range map[int64][2]int64{64 << 20: {0, 0}, 1 << 20: {5, 9}, 1: {22, 22}} {
		p := testPool(t, volume.System{}, t.TempDir(), atOnce*share, 1<<30)
		before := p.volume.Names()
		require.NoError(t, sortAll(t, p, list))
		require.GreaterOrEqual(t, p.volume.Names()-before, files[0], "share %d", share)
		require.LessOrEqual(t, p.volume.Names()-before, files[1], "share %d", share)
	}
}

// A sort releases the memory that it does not need for merging. Waiting sorts then start in their order.
func TestReleasesMemoryBeforeMerging(t *testing.T) {
	p := testPool(t, volume.System{}, t.TempDir(), atOnce<<20, 1<<30)
	var open []*Sorter
	for range atOnce {
		s, err := p.Sorter(t.Context(), testLayout)
		require.NoError(t, err)
		open = append(open, s)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Sorter(ended, testLayout)
	require.ErrorIs(t, err, context.Canceled)

	began := make(chan *Sorter)
	go func() {
		s, err := p.Sorter(context.Background(), testLayout)
		if err == nil {
			began <- s
		}
		close(began)
	}()
	require.NoError(t, open[0].Sort())
	open = append(open, <-began)
	for _, s := range open {
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "a second time")
	}
	requireIdle(t, p)
}

// Files that a crash left are removed.
func TestEmptiesTheFolder(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, string(volume.Temp), "000000000001.sort")
	require.NoError(t, os.MkdirAll(filepath.Dir(left), 0o750))
	require.NoError(t, os.WriteFile(left, []byte("left"), 0o640))
	require.Empty(t, filesIn(t, testPool(t, volume.System{}, dir, 1, 1)))

	disk := volumetest.New(t.TempDir())
	v := testPool(t, disk, disk.Root, 1, 1).volume
	disk.Fail = func(op, _ string) error {
		if op == "removeall" {
			return unix.EIO
		}
		return nil
	}
	_, err := Open(v, 1, 1)
	require.ErrorIs(t, err, unix.EIO)
}

// If any operation on temporary files fails, the sort fails, leaves no file, releases its memory and disk space, and the next sort succeeds. The
// first operations of each kind fail, and later ones during merging.
func TestFaults(t *testing.T) {
	for _, op := range []string{"create", "write", "open", "readat", "free"} {
		for _, after := range []int{0, 3} {
			t.Run(fmt.Sprint(op, after), func(t *testing.T) {
				disk := volumetest.New(t.TempDir())
				p := testPool(t, disk, disk.Root, atOnce*50_000, 1<<30)
				list := randomRows(rand.New(rand.NewPCG(1, 2)), 4000, 300, 20)
				left := after
				disk.Fail = func(o, name string) error {
					if o != op || o != "free" && filepath.Ext(name) != ".sort" {
						return nil
					}
					if left--; left >= 0 {
						return nil
					}
					return unix.EIO
				}
				require.ErrorIs(t, sortAll(t, p, list), unix.EIO)
				requireIdle(t, p)
				disk.Fail = nil
				require.NoError(t, sortAll(t, p, list))
				requireIdle(t, p)
			})
		}
	}
}

// sortAll sorts the rows and checks the result.
func sortAll(t *testing.T, p *Pool, list []row) error {
	s, err := p.Sorter(t.Context(), testLayout)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	given, err := add(s, list, 500)
	if err != nil {
		return err
	}
	if err := s.Sort(); err != nil {
		return err
	}
	sorted, err := drain(t, s, 1000)
	if err == nil {
		require.Equal(t, inOrder(given), sorted)
	}
	return err
}

// A sort that exceeds the limit of disk space fails and releases its space, and so does one that would use the space that the volume reserves for
// compaction.
func TestDiskLimits(t *testing.T) {
	disk := volumetest.New(t.TempDir())
	p := testPool(t, disk, disk.Root, atOnce*50_000, 30_000)
	list := randomRows(rand.New(rand.NewPCG(1, 2)), 4000, 300, 20)
	require.ErrorContains(t, sortAll(t, p, list), "limit of 30000 bytes")
	requireIdle(t, p)

	p.limit = 1 << 30
	disk.Fail = func(op, _ string) error {
		if op == "free" {
			disk.Room = -1
		}
		return nil
	}
	require.ErrorIs(t, sortAll(t, p, list), store.ErrFull)
	requireIdle(t, p)

	disk.Fail, disk.Room = nil, 0
	require.NoError(t, sortAll(t, p, list))
}

// A file that cannot be removed counts as used space until it is.
func TestFilesThatCannotBeRemoved(t *testing.T) {
	disk := volumetest.New(t.TempDir())
	p := testPool(t, disk, disk.Root, atOnce*50_000, 1<<30)
	s, err := p.Sorter(t.Context(), testLayout)
	require.NoError(t, err)
	_, err = add(s, randomRows(rand.New(rand.NewPCG(1, 2)), 4000, 300, 20), 500)
	require.NoError(t, err)
	require.NoError(t, s.settle())
	disk.Fail = func(op, _ string) error {
		if op == "remove" {
			return unix.EIO
		}
		return nil
	}
	require.ErrorIs(t, s.Close(), unix.EIO)
	require.Positive(t, p.used.Load())
	require.NotEmpty(t, filesIn(t, p))
}

// When the context ends, a sort ends in any of its steps, and Close waits until it stops writing.
func TestCancelled(t *testing.T) {
	p := testPool(t, volume.System{}, t.TempDir(), atOnce*50_000, 1<<30)
	list := randomRows(rand.New(rand.NewPCG(1, 2)), 4000, 300, 20)
	for _, step := range []string{"add", "sort"} {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := p.Sorter(ctx, testLayout)
		require.NoError(t, err)
		_, err = add(s, list, 500)
		require.NoError(t, err)
		if step == "sort" {
			s.held = 1 // so that files are merged once more
		}
		require.NoError(t, s.settle())
		cancel()
		if step == "add" {
			_, err = add(s, list, 500)
		} else {
			err = s.Sort()
		}
		require.ErrorIs(t, err, context.Canceled, step)
		s.held = p.share
		require.NoError(t, s.Close())
		requireIdle(t, p)
	}
}

// If one caller holds all memory and requests more, it gets an error. If others hold it, it waits for them.
func TestWaitsForMemory(t *testing.T) {
	p := testPool(t, volume.System{}, t.TempDir(), atOnce<<20, 1<<30)
	p.patience = time.Millisecond
	var open []*Sorter
	for range atOnce {
		s, err := p.Sorter(t.Context(), testLayout)
		require.NoError(t, err)
		open = append(open, s)
	}
	_, err := p.Sorter(t.Context(), testLayout)
	require.ErrorIs(t, err, ErrBusy)
	require.NoError(t, open[0].Close())
	s, err := p.Sorter(t.Context(), testLayout)
	require.NoError(t, err)
	for _, s := range append(open, s) {
		require.NoError(t, s.Close())
	}
	requireIdle(t, p)
}
