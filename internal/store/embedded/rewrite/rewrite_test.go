// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package rewrite

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/block"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/part"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// counting records how many files were open for reading at a time, and how many temporary files existed when a file of a month was created.
type counting struct {
	volume.System
	open, most, temporary atomic.Int64
}

type countedFile struct {
	volume.ReadFile
	of *counting
}

func (c *counting) Open(name string) (volume.ReadFile, error) {
	f, err := c.System.Open(name)
	c.most.Store(max(c.most.Load(), c.open.Add(1)))
	return countedFile{f, c}, err
}

func (c *counting) Create(name string) (volume.File, error) {
	f, err := c.System.Create(name)
	if month := filepath.Dir(name); strings.HasPrefix(filepath.Base(month), "month=") {
		there, listErr := c.List(filepath.Join(filepath.Dir(filepath.Dir(month)), string(volume.Temp)))
		c.temporary.Store(int64(len(there)))
		err = errors.Join(err, listErr)
	}
	return f, err
}

func (f countedFile) Close() error {
	f.of.open.Add(-1)
	return f.ReadFile.Close()
}

// world has parts without a store: what was flushed, and the expected rows.
type world struct {
	t      *testing.T
	random *rand.Rand
	fs     *counting
	volume *volume.Volume
	people *persons.Table
	parts  []*part.Part
	rows   []row
	seq    int64
}

type row struct {
	anchor uint64
	seq    int64
	index  int32
	event  event.Event
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, random: rand.New(rand.NewPCG(seed, 1)), fs: &counting{}, people: persons.New(identity.NewPolicy(nil))}
	var err error
	w.volume, err = volume.Open(w.fs, t.TempDir(), 0, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, w.volume.MkdirAll(w.volume.Path(volume.Temp)))
	t.Cleanup(func() { require.NoError(t, w.volume.Close()) })
	return w
}

// draw draws an event of one of few persons. Some events merge two persons.
func (w *world) draw(id int, months int) event.Event {
	r := w.random
	at := time.Date(2026, time.Month(1+r.IntN(months)), 1+r.IntN(27), r.IntN(2), 0, r.IntN(3), 0, time.UTC).UnixMicro()
	e := event.Event{
		ID: fmt.Sprint("e", id), Source: []string{"shop", "app"}[r.IntN(2)], Channel: "web", Name: fmt.Sprint("Event ", r.IntN(5)),
		Time: at, ReceivedAt: at + r.Int64N(2*event.LateAfter), Kind: event.Kind(r.IntN(2)), Amount: r.Int64N(3) * 1_000_000, Flags: event.Flags(r.IntN(3)),
		Properties: fmt.Appendf(nil, `{"n":%d,"text":%q}`, id, strings.Repeat("x", r.IntN(40))), SessionID: fmt.Sprint("s", r.IntN(50)), MappingGeneration: 1,
		Identities: []event.Identity{{Type: "anonymousId", Value: fmt.Sprint("a", r.IntN(60))}},
	}
	if r.IntN(3) == 0 {
		e.Identities = append(e.Identities, event.Identity{Type: "customerId", Value: fmt.Sprint("c", r.IntN(60))})
	}
	e.Normalize()
	return e
}

// flush flushes some events, in small commits and runs.
func (w *world) flush(o Options, events, months int) {
	table := memtable.New(w.people)
	for n := 0; n < events; {
		w.seq++
		var list []event.Event
		var indexes []int32
		for range min(1+w.random.IntN(20), events-n) {
			e := w.draw(n+int(w.seq)*1000, months)
			w.rows = append(w.rows, row{anchor: uint64(e.Anchor()), seq: w.seq, index: int32(len(list)), event: e})
			w.people.Add(w.seq, identity.Source{Name: e.Source}, identity.EdgesOf(&e))
			indexes, list = append(indexes, int32(len(list))), append(list, e)
			n++
		}
		table.Add(w.seq, list, indexes, 1)
		table.Runs(w.seq) // seals
	}
	runs, _ := table.Cut(w.seq)
	written, err := New(w.volume, o).At(w.view()).Flush(w.t.Context(), runs)
	require.NoError(w.t, err)
	w.add(written)
}

func (w *world) view() *identity.View {
	view, err := w.people.View(0)
	require.NoError(w.t, err)
	return view
}

func (w *world) add(written []part.Meta) {
	for _, m := range written {
		w.parts = append(w.parts, part.New(w.volume, m, w.people, part.NewOverlays(0)))
	}
}

// months returns the parts by month.
func (w *world) months() map[string][]*part.Part {
	months := map[string][]*part.Part{}
	for _, p := range w.parts {
		months[p.Month] = append(months[p.Month], p)
	}
	return months
}

// rewrite rewrites all months by several choices.
func (w *world) rewrite(o Options, choices ...Choice) {
	months := w.months()
	w.parts = nil
	for _, parts := range months {
		for _, c := range choices {
			written, err := New(w.volume, o).At(w.view()).Rewrite(w.t.Context(), parts, c, nil)
			require.NoError(w.t, err)
			w.add(written)
		}
	}
	require.Zero(w.t, w.fs.open.Load())
	left, err := os.ReadDir(w.volume.Path(volume.Temp))
	require.NoError(w.t, err)
	require.Empty(w.t, left, "temporary files are gone")
}

// text formats a row of a file.
func text(person uint64, r row) string {
	class := event.ClassOf(&r.event)
	e := r.event
	return fmt.Sprint(person, " ", r.anchor, " ", e.Time, " ", r.seq, " ", r.index, " ", e.ID, e.Source, e.Channel, e.Kind, e.Initiator, e.Name,
		e.TimeSource, " ", e.ReceivedAt, e.Identities, string(e.Traits), string(e.Groups), e.SessionID, e.OrderID, string(e.Items), e.Amount, " ",
		e.Currency, e.Survey, string(e.Properties), e.Flags, e.MappingGeneration, class.String())
}

// want returns the expected rows of a month in order, with current persons.
func (w *world) want(month string) []string {
	view := w.view()
	rows := slices.DeleteFunc(slices.Clone(w.rows), func(r row) bool { return time.UnixMicro(r.event.Time).UTC().Format("2006-01") != month })
	person := func(r row) uint64 { return view.PersonOf(event.Anchor(r.anchor)) }
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(person(a), person(b)), cmp.Compare(a.event.Time, b.event.Time), cmp.Compare(a.seq, b.seq), cmp.Compare(a.index, b.index))
	})
	var list []string
	for _, r := range rows {
		list = append(list, text(person(r), r))
	}
	return list
}

// rowsOf returns the rows of a part in the form of text.
func rowsOf(t *testing.T, p *part.Part) []string {
	var list []string
	require.NoError(t, p.Each(parquet.Wants, func(b *block.Block, _ *block.Runs) error {
		run := 0
		for i := range b.Rows {
			for int(b.Persons.Ends[run]) <= i {
				run++
			}
			list = append(list, text(b.Persons.Values[run], rowOf(t, b, i)))
		}
		return nil
	}))
	require.EqualValues(t, len(list), p.Rows)
	return list
}

func rowOf(t *testing.T, b *block.Block, i int) (r row) {
	at := 0
	next := func() *block.Column { at++; return &b.Columns[at-1] }
	long := func() int64 { return next().Longs[i] }
	small := func() uint8 { return next().Bytes[i] }
	word := func() string { c := next(); return c.Dict[c.Codes[i]] }
	e := &r.event
	r.anchor, e.Time, r.seq, r.index = uint64(long()), long(), long(), next().Ints[i]
	e.ID, e.Source, e.Channel, e.Kind, e.Initiator, e.Name = word(), word(), word(), event.Kind(small()), event.Initiator(small()), word()
	e.TimeSource, e.ReceivedAt = event.TimeSource(small()), long()
	require.NoError(t, event.EachIdentity(word(), func(typ, value string) { e.Identities = append(e.Identities, event.Identity{Type: typ, Value: value}) }))
	e.Traits, e.Groups, e.SessionID, e.OrderID, e.Items = []byte(word()), []byte(word()), word(), word(), []byte(word())
	e.Amount, e.Currency, e.Survey.Kind, e.Survey.Score, e.Survey.Scale = long(), word(), word(), long(), long()
	e.Properties, e.Flags, e.MappingGeneration = []byte(word()), event.Flags(small()), long()
	class := event.ClassOf(e)
	require.Equal(t, class.String(), word())
	return r
}
