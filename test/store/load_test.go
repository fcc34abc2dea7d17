// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/memory"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

const (
	historyParts, historyPart = 20, 1000
	// historyTwice is the number of events of a history that are also appended before.
	historyTwice = 300
)

// history returns the parts of a history of four months. Visitors are anonymous at first, and customers in the second half.
func history() (parts [][]event.Event) {
	const count = historyParts * historyPart
	month := int64(30 * 24 * time.Hour / time.Microsecond)
	for part := range historyParts {
		var list []event.Event
		for n := part * historyPart; n < (part+1)*historyPart; n++ {
			e := makeEvent(fmt.Sprintf("history/%d", n), n%997, 40)
			e.Time += int64(n)*4*month/count - 5*month
			if n < count/2 {
				e.Identities = e.Identities[1:]
			}
			list = append(list, e)
		}
		parts = append(parts, list)
	}
	return parts
}

// loadRound loads a history into a store that is killed, while another source sends.
type loadRound struct {
	t     *testing.T
	v     *volume
	parts [][]event.Event
	// want is the reference. What the store has acknowledged is in it.
	want *memory.Store
	next store.Batch
}

var historyLoad = store.LoadRequest{ID: "history", Secret: storetest.LoadSecret, Source: "shop", Import: "history"}

// append appends to the store, and to the reference if it was acknowledged.
func (r *loadRound) append(ctx context.Context, c *client.Client, b store.Batch) error {
	if _, err := c.Append(ctx, b); err != nil {
		return err
	}
	_, err := r.want.Append(r.t.Context(), b)
	require.NoError(r.t, err)
	return nil
}

// send sends events of other days until the store is gone.
func (r *loadRound) send(ctx context.Context, c *client.Client) {
	for n := 0; ; n++ {
		r.next = makeBatch(fmt.Sprint("live/", n), 5, 40)
		if r.append(ctx, c, r.next) != nil {
			return
		}
	}
}

// load loads the history into a store.
func (r *loadRound) load(ctx context.Context, s store.Loader, sent func(parts int)) (store.Loaded, error) {
	if _, err := s.BeginLoad(ctx, historyLoad); err != nil {
		return store.Loaded{}, err
	}
	for i, part := range r.parts {
		if _, err := s.LoadPart(ctx, historyLoad.Ref(), int64(i), part); err != nil {
			return store.Loaded{}, err
		}
		sent(i + 1)
	}
	return s.CommitLoad(ctx, store.LoadCommit{ID: historyLoad.ID, Secret: historyLoad.Secret, Parts: historyParts})
}

// until polls the progress of the load until it meets a condition, or the context ends.
func until(ctx context.Context, c *client.Client, met func(store.LoadState) bool) {
	for ctx.Err() == nil {
		if state, err := c.Load(ctx, historyLoad.ID); err == nil && (met(state) || state.Step == store.LoadCommitted) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// moments are the phases of a load in which the store is killed: each function returns at its moment.
var moments = map[string]func(ctx context.Context, c *client.Client, parts <-chan int){
	"receiving": func(ctx context.Context, _ *client.Client, parts <-chan int) {
		for last := rand.IntN(historyParts); ; {
			select {
			case n := <-parts:
				if n > last {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	},
	"committing": func(ctx context.Context, c *client.Client, _ <-chan int) {
		until(ctx, c, func(s store.LoadState) bool { return s.Step == store.LoadCommitting })
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond) // a random moment of it
	},
	"merging": func(ctx context.Context, c *client.Client, _ <-chan int) {
		until(ctx, c, func(s store.LoadState) bool { return s.Sorted > 0 })
	},
	"committed": func(ctx context.Context, c *client.Client, _ <-chan int) {
		until(ctx, c, func(s store.LoadState) bool { return s.Step == store.LoadCommitted })
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // a random moment of the cleanup and of the flush afterwards
	},
}

// The store is killed in each phase of a load, and while it opens afterwards. The load is there as a whole or not at all, nothing else is lost, and what
// is stored is what a simple store has after the same operations.
func TestKilledWhileLoading(t *testing.T) {
	parts := history()
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			committed := 0
			for range times(1, 25) {
				r := &loadRound{t: t, v: newVolume(t), parts: parts, want: memory.New(identity.NewPolicy(nil))}
				acknowledged := r.killAt(moment)
				for range times(2, 10) {
					p := begin(t, r.v.command("--compact-every", "20ms"))
					time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond) // a random moment of the opening
					p.kill()
				}
				if r.check(acknowledged) {
					committed++
				}
			}
			t.Logf("%d loads were committed", committed)
		})
	}
}

// killAt kills the store at a moment. It returns the result of the load if it was acknowledged, otherwise nil.
func (r *loadRound) killAt(moment func(context.Context, *client.Client, <-chan int)) *store.Loaded {
	p := r.v.start(r.t, "--compact-every", "100ms")
	c := p.client(r.t, r.v, r.v.keys.AdminKey)
	require.NoError(r.t, r.append(r.t.Context(), c, store.Batch{Source: "shop", Events: r.parts[1][:historyTwice]}))
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	var wg sync.WaitGroup
	var acknowledged *store.Loaded
	sent := make(chan int, historyParts)
	wg.Go(func() { r.send(ctx, c) })
	wg.Go(func() {
		defer cancel()
		if loaded, err := r.load(ctx, c, func(n int) { sent <- n }); err == nil {
			acknowledged = &loaded
		}
	})
	moment(ctx, p.client(r.t, r.v, r.v.keys.AdminKey), sent)
	p.kill()
	cancel()
	wg.Wait()
	return acknowledged
}

// check compares the store with the reference after a restart, loads the history if that was not committed, and compares again. It reports whether the
// load was committed.
func (r *loadRound) check(acknowledged *store.Loaded) bool {
	p := r.v.start(r.t)
	c := p.client(r.t, r.v, r.v.keys.AdminKey)
	require.NoError(r.t, r.append(r.t.Context(), c, r.next), "it was not acknowledged: stored or not")
	state, err := c.Load(r.t.Context(), historyLoad.ID)
	committed := err == nil
	if committed {
		require.Equal(r.t, store.LoadCommitted, state.Step)
	} else {
		require.ErrorIs(r.t, err, store.ErrLoadGone)
		require.Nil(r.t, acknowledged, "the load is lost")
		r.compare(c)
		loaded, err := r.load(r.t.Context(), c, func(int) {})
		require.NoError(r.t, err)
		state.Loaded = &loaded
	}
	if acknowledged != nil {
		require.Equal(r.t, acknowledged, state.Loaded)
	}
	want, err := r.load(r.t.Context(), r.want, func(int) {})
	require.NoError(r.t, err)
	want.Seq = state.Loaded.Seq
	require.Equal(r.t, want, *state.Loaded)
	r.compare(c)
	require.NoError(r.t, p.stop(r.t))
	left, err := os.ReadDir(filepath.Join(r.v.data, "tmp"))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(r.t, err)
	}
	require.Empty(r.t, left, "temporary files of the load")
	p = r.v.start(r.t)
	r.compare(p.client(r.t, r.v, r.v.keys.AdminKey))
	p.kill()
	return committed
}

// compare compares all rows: what they contain, and which are of one person.
func (r *loadRound) compare(c *client.Client) {
	r.t.Helper()
	want, got := contents(r.t, r.want), contents(r.t, c)
	require.Len(r.t, got, len(want))
	for id, row := range want { // A comparison of all rows at once would describe all of them.
		require.Equal(r.t, row, got[id], id)
	}
}

// contents returns the rows by event, with the first event of their person instead of its number. Seq and index depend on the order of concurrent calls.
func contents(t *testing.T, s store.Scanner) map[string]storetest.Row {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), s, store.ScanRequest{})
	require.NoError(t, err)
	of, first := map[string]storetest.Row{}, map[any]string{}
	for _, row := range rows {
		id, person := row.ID(), row[store.ColumnPerson]
		require.Nil(t, of[id], "event %s is there twice", id)
		if first[person] == "" {
			first[person] = id
		}
		row[store.ColumnPerson] = first[person]
		delete(row, store.ColumnSeq)
		delete(row, store.ColumnIndex)
		of[id] = row
	}
	return of
}
