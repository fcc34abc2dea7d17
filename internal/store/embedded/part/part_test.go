// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package part

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/memtable"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/parquet"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/rows"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// device is the sender of the events of a number, and customer their later identity.
func device(n int) event.Identity {
	return event.Identity{Type: "anonymousId", Value: fmt.Sprint("a", n)}
}

func customer(n int) event.Identity {
	return event.Identity{Type: "customerId", Value: fmt.Sprint("c", n)}
}

// newPart writes a sorted file with several events of each of several devices, which are separate persons.
func newPart(t testing.TB, people *persons.Table, overlays *Overlays, devices, each int) *Part {
	v, err := volume.Open(volume.System{}, t.TempDir(), 0, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	table, w := memtable.New(people), &bytes.Buffer{}
	var events []event.Event
	var indexes []int32
	for i := range devices * each {
		e := event.Event{ID: fmt.Sprint(i), Source: "shop", Channel: "web", Name: "Seen", Time: int64(i), ReceivedAt: int64(i)}
		e.Identities = []event.Identity{device(i % devices)}
		events, indexes = append(events, e), append(indexes, int32(i))
	}
	table.Add(1, events, indexes, 1)
	runs, _ := table.Cut(1)
	out, err := parquet.NewWriter(w, 64, false)
	require.NoError(t, err)
	q := rows.Whole(parquet.Wants)
	for _, r := range runs {
		source, err := r.Open(q, nil, nil)
		require.NoError(t, err)
		for b, err := source.Next(); b != nil; b, err = source.Next() {
			require.NoError(t, err)
			require.NoError(t, out.Add(b, 0, 0, b.Rows))
			require.NoError(t, out.Settle())
		}
	}
	require.NoError(t, out.Close())
	m := Meta{
		Name: "month=1970-01/1.parquet", Month: "1970-01", Rows: int64(len(events)), Bytes: int64(w.Len()), Placed: people.Version(),
		MaxRun: out.Longest, MaxPerson: ^uint64(0), MaxTime: int64(len(events)), MinSeq: 1, MaxSeq: 1,
	}
	path := v.Path(volume.Data, m.Name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, w.Bytes(), 0o600))
	m.Sum, err = Sum(v, path)
	require.NoError(t, err)
	return New(v, m, people, overlays)
}

// join merges a device and its customer.
func join(people *persons.Table, seq int64, n int) {
	e := event.Event{Identities: []event.Identity{customer(n), device(n)}}
	people.Add(seq, identity.Source{Name: "shop"}, identity.EdgesOf(&e))
}

// read returns the persons of all rows of a query of a part at the newest version, in order, with the number of rows of each.
func read(t testing.TB, p *Part, people *persons.Table) map[uint64]int {
	view, err := people.View(0)
	require.NoError(t, err)
	r := store.ScanRequest{Columns: []string{store.ColumnEvent}}
	schema, err := r.Schema()
	require.NoError(t, err)
	q, err := rows.NewQuery(schema, r, 1)
	require.NoError(t, err)
	pieces, err := p.At(q, view)
	require.NoError(t, err)
	moved := rows.NewSorter(q)
	source, err := p.Open(q, pieces.Gone, nil)
	require.NoError(t, err)
	from := []rows.Source{source, moved}
	if !pieces.Apart.None() {
		require.NoError(t, p.Collect(q, pieces.Apart, view, moved))
	}
	if pieces.Run != nil {
		if !pieces.RunGone.None() {
			require.NoError(t, pieces.Run.Collect(q, pieces.RunGone, view, moved))
		}
		source, err := pieces.Run.Open(q, pieces.RunGone, nil)
		require.NoError(t, err)
		from = append(from, source)
	}
	m, err := rows.NewMerger(q, from)
	require.NoError(t, err)
	found, last := map[uint64]int{}, uint64(0)
	for {
		s, err := m.Next(7)
		require.NoError(t, err)
		if s.Block == nil {
			break
		}
		for row, run := s.First, s.Run; row < s.End; row++ {
			for int(s.Block.Persons.Ends[run]) <= row {
				run++
			}
			person := s.Block.Persons.Values[run]
			require.GreaterOrEqual(t, person, last)
			found[person]++
			last = person
		}
	}
	for _, s := range from {
		require.NoError(t, s.Close())
	}
	return found
}

// Merges devices and customers, before and after an overlay is created. Each row is returned once, with its current person.
func TestPartIsReadWithCurrentPersons(t *testing.T) {
	const devices, each = 30, 5
	people, overlays := persons.New(identity.NewPolicy(nil)), NewOverlays(1<<20)
	p := newPart(t, people, overlays, devices, each)
	require.EqualValues(t, each, p.MaxRun)
	require.NoError(t, p.Verify())
	overlays.Worth(4 * each)
	for n := range devices {
		join(people, int64(n+2), n)
		view, err := people.View(0)
		require.NoError(t, err)
		want := map[uint64]int{}
		for i := range devices {
			d := device(i)
			want[view.PersonOf(d.Anchor())] += each
		}
		require.Equal(t, want, read(t, p, people), "joined up to %d", n)
	}
	require.EqualValues(t, devices*each, p.MovedRows())
	require.Positive(t, p.Overlaid())
	require.Positive(t, overlays.taken)
}

// A part that no manifest names any more returns its rows as before, and uses no memory for overlays.
func TestPartAfterItsRemovalFromTheManifest(t *testing.T) {
	people, overlays := persons.New(identity.NewPolicy(nil)), NewOverlays(1<<20)
	p := newPart(t, people, overlays, 30, 5)
	overlays.Worth(1)
	join(people, 2, 0)
	want := read(t, p, people)
	require.EqualValues(t, 5, p.Overlaid())
	p.Forget()
	require.Zero(t, p.Overlaid())
	require.Zero(t, overlays.taken)
	require.Equal(t, want, read(t, p, people))
	require.Zero(t, p.Overlaid(), "no overlay is made of what is forgotten")
}

// A part is forgotten while it is in use. Its memory is released when it is not in use any more.
func TestForgetDuringUse(t *testing.T) {
	people, overlays := persons.New(identity.NewPolicy(nil)), NewOverlays(1<<20)
	p := newPart(t, people, overlays, 30, 5)
	overlays.Worth(1)
	join(people, 2, 0)
	read(t, p, people)
	p.mu.Lock()
	p.Forget()
	require.Positive(t, overlays.taken)
	p.leave()
	require.Zero(t, overlays.taken)
}

// A bit is changed.
func TestDamageMakesTheVolumeReadOnly(t *testing.T) {
	people := persons.New(identity.NewPolicy(nil))
	p := newPart(t, people, NewOverlays(0), 3, 2)
	content, err := os.ReadFile(p.Path())
	require.NoError(t, err)
	content[len(content)/2] ^= 4
	require.NoError(t, os.WriteFile(p.Path(), content, 0o600))
	require.ErrorIs(t, p.Verify(), store.ErrUnavailable)
	require.Contains(t, p.volume.Fault(), p.Name)
}
