// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
	"github.com/journeyman-dev/journeyman/internal/store/storetest"
)

// imports counts the stored events by the import that they were sent in, which is the beginning of their ids.
func imports(t *testing.T, c *client.Client) map[string]int {
	t.Helper()
	rows, _, err := storetest.Collect(t.Context(), c, store.ScanRequest{})
	require.NoError(t, err)
	n := map[string]int{}
	for _, r := range rows {
		name, _, _ := strings.Cut(r.ID(), "/")
		n[name]++
	}
	return n
}

func importBatch(name string, from, n int) store.Batch {
	b := store.Batch{Source: "shop", Import: strings.TrimPrefix(name, "live")}
	for i := range n {
		b.Events = append(b.Events, makeEvent(fmt.Sprintf("%s/%d", name, from+i), (from+i)%97, 50))
	}
	return b
}

// The commands of docs/store.md undo an import in a running store: they show what goes, remove it, and the right one can be loaded.
func TestRemoveCommand(t *testing.T) {
	v := newVolume(t)
	p := v.start(t)
	c := p.client(t, v, v.keys.AdminKey)
	for _, b := range []store.Batch{importBatch("live", 0, 30), importBatch("wrong", 0, 20), importBatch("live", 30, 5)} {
		_, err := c.Append(t.Context(), b)
		require.NoError(t, err)
	}
	out, said, err := p.ask(t, v, "remove", "--source", "shop", "--import", "wrong")
	require.NoError(t, err, said)
	var plan store.RemovalPlan
	require.NoError(t, json.Unmarshal([]byte(out), &plan), out)
	require.EqualValues(t, []int64{3, 20, 20, 1}, []int64{plan.Through, plan.Events, plan.Persons, plan.Files})
	require.Contains(t, said, "Nothing is removed yet. Events to remove: 20, of 20 persons. To remove them: --confirm 3")
	require.Equal(t, map[string]int{"live": 35, "wrong": 20}, imports(t, c))
	out, said, err = p.ask(t, v, "remove", "--source", "shop", "--import", "wrong", "--confirm", "3")
	require.NoError(t, err, said)
	var removed store.Removed
	require.NoError(t, json.Unmarshal([]byte(out), &removed), out)
	require.EqualValues(t, []int64{4, 20, 20, 1, 1}, []int64{removed.Seq, removed.Events, removed.Keys, removed.FilesRewritten, removed.FilesChecked})
	p.kill()
	p = v.start(t)
	c = p.client(t, v, v.keys.AdminKey)
	require.Equal(t, map[string]int{"live": 35}, imports(t, c))
	b := importBatch("wrong", 0, 20)
	b.Import = "right"
	a, err := c.Append(t.Context(), b)
	require.NoError(t, err)
	require.Equal(t, store.Appended{Seq: 5}, a)

	at := time.UnixMicro(b.Events[0].Time).UTC()
	for _, part := range []struct {
		args []string
		want string
	}{
		{[]string{"remove"}, "set --source"},
		{[]string{"remove", "shop"}, "usage: store remove --source SOURCE"},
		{[]string{"remove", "--source", "shop"}, "set exactly one of --import"},
		{[]string{"remove", "--source", "shop", "--import", "x"}, `the latest are "right", "wrong"`},
		{[]string{"remove", "--source", "shop", "--from", at.Format(time.DateOnly), "--to", "tomorrow"}, `--to "tomorrow"`},
		{[]string{"remove", "--source", "shop", "--import", "right", "--confirm", "99"}, "seq 99 does not exist"},
	} {
		_, said, err := p.ask(t, v, part.args...)
		require.Error(t, err, "%v", part.args)
		require.Contains(t, said, part.want, "%v", part.args)
	}
	require.NoError(t, p.stop(t))
}

// The store is killed at a random moment of a removal, while another source sends. Afterwards, all events of the import are there, or none, and no
// other event is lost or stored twice.
func TestKilledWhileRemoving(t *testing.T) {
	v, live := newVolume(t), 0
	var none, all int
	for round := range times(6, 60) {
		p := v.start(t, "--compact-every", "100ms")
		c := p.client(t, v, v.keys.AdminKey)
		name := fmt.Sprint("import", round)
		for i := range 10 {
			_, err := c.Append(t.Context(), importBatch(name, i*200, 200))
			require.NoError(t, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var next store.Batch
		wg.Go(func() {
			for {
				next = importBatch("live", live, 10)
				if _, err := c.Append(ctx, next); err != nil {
					return
				}
				live += 10
			}
		})
		wg.Go(func() { _, _ = c.Remove(ctx, store.RemoveRequest{Source: "shop", Import: name}) })
		time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond) // a random moment
		p.kill()
		cancel()
		wg.Wait()

		p = v.start(t)
		c = p.client(t, v, v.keys.AdminKey)
		_, err := c.Append(t.Context(), next) // It was not acknowledged: stored or not.
		require.NoError(t, err)
		live += 10
		switch n := imports(t, c)[name]; n {
		case 0:
			none++
		case 2000:
			all++
			removed, err := c.Remove(t.Context(), store.RemoveRequest{Source: "shop", Import: name})
			require.NoError(t, err)
			require.EqualValues(t, 2000, removed.Events)
		default:
			require.Failf(t, "a part is there", "%d events", n)
		}
		require.Equal(t, map[string]int{"live": live}, imports(t, c))
		a, err := c.Append(t.Context(), importBatch("live", 0, live))
		require.NoError(t, err)
		require.EqualValues(t, live, a.Duplicates)
		a, err = c.Append(t.Context(), importBatch(name, 0, 200))
		require.NoError(t, err)
		require.Zero(t, a.Duplicates)
		_, err = c.Remove(t.Context(), store.RemoveRequest{Source: "shop", Range: &store.TimeRange{From: event.MinTime, To: event.MaxTime}, Through: a.Seq})
		require.NoError(t, err)
		require.Empty(t, imports(t, c))
		live = 0
		require.NoError(t, p.stop(t))
	}
	t.Logf("after the kill, %d removals had happened and %d had not", none, all)
}
