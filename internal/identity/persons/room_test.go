// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package persons_test

import (
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/identity/persons"
)

// someone returns one of very many identities.
func someone(i int, typ string) identity.Node {
	return identity.Node{Anchor: event.Anchor(uint64(i)*0x9e3779b97f4a7c15 + uint64(len(typ))), Type: typ}
}

func link(strong, weak identity.Node, at int) identity.Edge {
	return identity.Edge{Strong: strong, Weak: weak, Time: int64(at), Key: event.Key{Hi: uint64(at), Lo: 1}}
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestEntryBytes measures the memory of an identity and of a link, including a view of the persons, just after lists and indexes have grown.
func TestEntryBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("makes large tables")
	}
	shapes := map[string]func(i int) []identity.Edge{
		"visitors": func(i int) []identity.Edge { v := someone(i, "anonymousId"); return []identity.Edge{link(v, v, i)} },
		"customers": func(i int) []identity.Edge {
			return []identity.Edge{link(someone(i, "customerId"), someone(i, "anonymousId"), i)}
		},
		"crowded events": func(i int) (edges []identity.Edge) {
			for k := range 15 {
				edges = append(edges, link(someone(i, "customerId"), someone(i*15+k, "externalId"), i*15+k))
			}
			return edges
		},
	}
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			const steps, each = 40, 20_000
			before := inUse()
			table := persons.New(identity.NewPolicy(nil))
			i, worst := 0, int64(0)
			for seq := range int64(steps) {
				for target := (seq + 1) * each; table.Entries() < target; i++ {
					var edges []identity.Edge
					for range 100 {
						edges = append(edges, shape(i)...)
						i++
					}
					table.Add(table.Seq()+1, identity.Source{Name: "s"}, edges)
				}
				if table.Entries() < 10*each {
					continue // the history, which has a limit, would dominate
				}
				_, err := table.View(0)
				require.NoError(t, err)
				worst = max(worst, (inUse()-before)/table.Entries())
			}
			snapshot := &counting{}
			require.NoError(t, table.Snapshot(snapshot))
			written := snapshot.n / table.Entries()
			t.Logf("%d entries: at most %d bytes each, and %d while a snapshot is written", table.Entries(), worst, written)
			require.LessOrEqual(t, worst+written, int64(persons.EntryBytes))
			runtime.KeepAlive(table)
		})
	}
}

type counting struct{ n int64 }

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

var _ io.Writer = (*counting)(nil)

func TestRoom(t *testing.T) {
	table := persons.New(identity.NewPolicy(nil))
	a, b, c, d := someone(1, "customerId"), someone(1, "deviceId"), someone(2, "customerId"), someone(2, "deviceId")
	table.Add(1, identity.Source{Name: "s"}, []identity.Edge{link(a, b, 1)})
	require.EqualValues(t, 3, table.Entries())
	room := table.Room()
	take := func(fresh int64, taken bool, most int64, edges ...identity.Edge) {
		t.Helper()
		n, ok := room.Take(edges, most)
		require.Equal(t, taken, ok)
		require.Equal(t, fresh, n)
	}
	take(0, true, -1, link(a, b, 2), link(a, a, 2))
	take(0, true, 0)
	take(3, false, 2, link(c, d, 3))
	take(2, true, 2, link(c, b, 3), link(c, b, 3))
	take(0, true, 0, link(b, c, 4)) // new, whichever end is the strong one
	take(1, false, 0, link(d, d, 5))
	take(1, false, 0, link(c, a, 5)) // a link of two known identities also needs memory
	take(1, true, 1, link(c, a, 5))
}
