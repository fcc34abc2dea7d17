// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/ingest/puller/pulltest"
	"github.com/journeyman-dev/journeyman/test/rig/postgres"
)

// Transactions that are open for different times commit in another order than that of their versions. Some roll back. The pod is killed in between.
// What is committed is stored once, whatever the version is.
func TestTransactionsThatCommitLate(t *testing.T) {
	t.Parallel()
	engines(t, transactionsThatCommitLate)
}

func transactionsThatCommitLate(t *testing.T, start func(t *testing.T) *system) {
	for name, c := range map[string]func(s *system){
		"a time":     func(s *system) { s.transport.Overlap = "5s" },
		"an integer": func(s *system) { s.transport.VersionColumn = "id" },
		"a time of a query": func(s *system) {
			s.transport.Table, s.transport.Query = "", "SELECT * FROM orders"
			s.transport.Overlap = "5s"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			c(s)
			p := pulltest.NewPod(t, s)
			child := p.Start(t, "till-1")
			written := make(chan struct{})
			go func() {
				defer close(written)
				s.commitLate(t)
			}()
			for ended := false; !ended; {
				select {
				case <-written:
					ended = true
				case <-time.After(2 * time.Second):
					child.Kill(t)
					child = p.Start(t, "till-1")
				}
			}
			var n int
			require.NoError(t, s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM orders").Scan(&n))
			p.Await(n)
			time.Sleep(3 * time.Second) // Nothing follows.
			p.Check(n, false)
		})
	}
}

// commitLate writes rows in transactions of up to 3 seconds.
func (s *system) commitLate(t *testing.T) {
	t.Helper()
	var group sync.WaitGroup
	var n atomic.Int64
	for range 6 {
		group.Go(func() {
			for range 5 {
				commit := rand.IntN(4) > 0
				tx, err := s.db.BeginTx(context.Background(), nil)
				if err != nil {
					t.Error(err)
					return
				}
				for range 1 + rand.IntN(5) {
					if _, err := tx.ExecContext(context.Background(), s.insert, n.Add(1), time.Now()); err != nil {
						t.Error(err)
					}
					time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond)
				}
				if !commit {
					_ = tx.Rollback()
				} else if err := tx.Commit(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// The server is killed in between.
func TestAServerThatIsKilled(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, start func(t *testing.T) *system) { serverThatIsKilled(t, start(t)) })
}

func serverThatIsKilled(t *testing.T, s *system) {
	p := pulltest.NewPod(t, s)
	p.Run()
	for k := range pulltest.Kills() / 10 {
		s.db = s.Open(t, s.transport.Database)
		s.Write(t, pulltest.Documents(10*k, 10*k+10)...)
		if k%2 > 0 {
			p.Await(10*k + 5)
		}
		s.Kill(t)
		s.Restart(t)
	}
	n := pulltest.Kills()
	p.Await(n)
	p.Check(n, false)
}

// A row that changes is another event; one that only is read again is none. A version in the future hides no others.
func TestChangesAndTheFuture(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	p := pulltest.NewPod(t, s)
	s.Write(t, pulltest.Documents(0, 3)...)
	s.exec(t, "INSERT INTO orders (n, at, updated_at) VALUES (77, now(), now() + interval '3 days')")
	p.Run()
	p.Await(3)
	s.exec(t, "UPDATE orders SET updated_at = clock_timestamp(), at = now() WHERE n = 1")
	p.Await(4)
	s.Write(t, pulltest.Documents(3, 4)...)
	p.Await(5)
	state, err := p.Store.State(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4, state.Health.Persons)
	require.Zero(t, p.Source().Duplicates, "rows that are read again are not sent again")
}

// A new source with start: New leaves out what is there, also after a restart.
func TestStartNew(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.transport.Start = v1alpha1.SQLNew
	s.Write(t, pulltest.Documents(0, 5)...)
	p := pulltest.NewPod(t, s)
	stop := p.Run()
	require.Eventually(t, func() bool { return len(s.cursors(t, p)) == 1 }, waitFor, tick)
	s.Write(t, pulltest.Documents(5, 8)...)
	p.Await(3)
	stop()
	s.Write(t, pulltest.Documents(8, 9)...)
	p.Run()
	p.Await(4)
	p.Check(4, false)
}

// Rows without a version or a key are counted once, and their number after that.
func TestRowsWithoutAPlace(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.exec(t, "ALTER TABLE orders ADD code text DEFAULT 'a'")
	s.transport.KeyColumns = append(s.transport.KeyColumns, "code")
	s.Write(t, append(pulltest.Documents(0, 5), "poison", "poison")...)
	s.exec(t, "INSERT INTO orders (n, code) VALUES (100, NULL), (101, repeat('x', 301))")
	p := pulltest.NewPod(t, s)
	count := func() (n int64) {
		for _, r := range p.Source().Counters.Rejected {
			n += r.Count
			require.Contains(t, r.Example, "rows have NULL in versionColumn or keyColumns")
		}
		return n
	}
	stop := p.Run()
	p.Await(5)
	require.Eventually(t, func() bool { return count() == 4 }, waitFor, tick)
	stop()
	s.Write(t, append(pulltest.Documents(5, 6), "poison")...)
	p.Run()
	p.Await(6)
	require.Eventually(t, func() bool { return count() == 5 }, waitFor, tick)
	p.Check(6, false)
}

// Columns are added and dropped while the source is read.
func TestATableThatIsAltered(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Name = `"Seen" + string(has(body.code) ? body.code : "")`
	p.Run()
	s.Write(t, pulltest.Documents(0, 3)...)
	p.Await(3)
	s.exec(t, "ALTER TABLE orders ADD code text DEFAULT '!'")
	s.Write(t, pulltest.Documents(3, 6)...)
	p.Await(6)
	s.exec(t, "ALTER TABLE orders DROP code")
	s.Write(t, pulltest.Documents(6, 9)...)
	p.Await(9)
	p.Check(9, false)
	names := map[string]int{}
	for _, e := range p.Store.Events() {
		names[e.Name]++
	}
	require.Equal(t, map[string]int{"Seen": 6, "Seen!": 3}, names)
	s.exec(t, "ALTER TABLE orders RENAME updated_at TO changed_at")
	require.Eventually(t, func() bool { return p.Runner.State().Problem != nil }, waitFor, tick)
	require.Contains(t, p.Runner.State().Problem.Message, `spec.transport.sql.versionColumn: there is no column "updated_at"; correct the name`)
}

// Rows with the same version and key are counted once, although they are read again in each round.
func TestRowsThatNothingTellsApart(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.transport.KeyColumns = []v1alpha1.SQLColumn{"n"}
	s.exec(t, "INSERT INTO orders (n, at, updated_at) VALUES (1, now(), now()), (1, now(), now())")
	p := pulltest.NewPod(t, s)
	p.Run()
	p.Await(1)
	s.Write(t, pulltest.Documents(2, 3)...)
	p.Await(2)
	time.Sleep(3 * time.Second) // They are read again.
	require.Len(t, p.Source().Counters.Rejected, 1)
	for _, r := range p.Source().Counters.Rejected {
		require.EqualValues(t, 1, r.Count)
		require.Contains(t, r.Example, "several rows have the same version and key")
	}
}

// A clock that is ahead, by less than the overlap, does not hide transactions that commit late.
func TestAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	p := pulltest.NewPod(t, s)
	late, err := s.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = late.ExecContext(t.Context(), "INSERT INTO orders (n, at, updated_at) VALUES (1, now(), now() - interval '10s')")
	require.NoError(t, err)
	s.exec(t, "INSERT INTO orders (n, at, updated_at) VALUES (2, now(), now() + interval '58s')")
	p.Run()
	p.Await(1)
	require.NoError(t, late.Commit())
	p.Await(2)
	p.Check(2, false)
}

// A table whose rows cannot be counted in time is read all the same.
func TestATableThatIsSlowToCount(t *testing.T) {
	t.Parallel()
	s := on(t, postgres.Start(t))
	s.exec(t, "CREATE FUNCTION slow(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN n; END $$")
	s.exec(t, "CREATE VIEW slowly AS SELECT id, at, updated_at, n, CASE WHEN updated_at IS NULL THEN slow(id::int) ELSE n END AS k FROM orders")
	s.exec(t, "INSERT INTO orders (id, updated_at) SELECT i, NULL FROM generate_series(1001, 1030) AS i")
	s.transport.Table, s.transport.StatementTimeout = "slowly", "1s"
	s.transport.KeyColumns = []v1alpha1.SQLColumn{"k"}
	// Rows without a version are not compared: their key is computed only where it is counted.
	s.transport.Columns = []v1alpha1.SQLColumn{"n", "at", "updated_at", "k"}
	s.Write(t, pulltest.Documents(0, 5)...)
	p := pulltest.NewPod(t, s)
	p.Run()
	p.Await(5)
	p.Check(5, false)
	require.Empty(t, p.Source().Counters.Rejected)
}

// Texts of a database with another encoding arrive as they are.
func TestAnotherEncoding(t *testing.T) {
	t.Parallel()
	server := postgres.Start(t)
	s := on(t, server)
	s.exec(t, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
	s.db, s.transport.Database = server.Open(t, "latin"), "latin"
	s.exec(t, `CREATE TABLE orders (id text, n int, at timestamptz, updated_at timestamptz DEFAULT clock_timestamp(), "Größe" text)`)
	s.exec(t, "INSERT INTO orders VALUES ('Müller', 1, now(), now(), 'ä'), ('Möller', 2, now(), now(), 'ö')")
	p := pulltest.NewPod(t, s)
	p.Config.Source.Mapping[0].Event.Name = `"Seen" + string(body["Größe"])`
	p.Run()
	p.Await(2)
	var names []string
	for _, e := range p.Store.Events() {
		names = append(names, e.Name)
	}
	require.ElementsMatch(t, []string{"Seenä", "Seenö"}, names)
}
