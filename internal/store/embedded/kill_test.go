// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// victimDir is the folder for the test binary that is run again to be killed.
const victimDir = "JOURNEYMAN_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
	}
	os.Exit(m.Run())
}

// victim appends from several goroutines, flushes all the time, and prints each acknowledged event until it is killed.
func victim(dir string) {
	o := Options{Dir: dir, MinFree: 1, SegmentBytes: 20 << 10, CompactEvery: 20 * time.Millisecond, MaxUnflushedBytes: 1 << 30, MemoryLimit: 128 << 20}
	s, err := Open(o)
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	state, err := s.State(context.Background())
	if err != nil {
		os.Exit(1)
	}
	var out sync.Mutex
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", state.Health.Seq, worker, i)
				e := testEvent(i%60, fmt.Sprint("customer-", i%9))
				e.ID = id
				e.Properties = fmt.Appendf(nil, `{"id":%q}`, id)
				a, err := s.Append(context.Background(), store.Batch{Source: "shop", Events: []event.Event{e}})
				out.Lock()
				if err != nil || a.Duplicates != 0 {
					fmt.Println("append:", a, err)
					os.Exit(1)
				}
				fmt.Println("acknowledged", id)
				out.Unlock()
			}
		}()
	}
	wait.Wait()
}

// Kills a real process repeatedly while it appends and flushes.
func TestKilledProcess(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes; left out with -short")
	}
	dir := filepath.Join(t.TempDir(), "store")
	acknowledged := map[string]bool{}
	for round := range 8 {
		want := 150 + 97*round
		for _, id := range killAfter(t, dir, want) {
			acknowledged[id] = true
		}
		s, err := Open(smallOptions(t, dir, nil))
		require.NoError(t, err)
		seen := propertyIDs(t, s)
		for id := range acknowledged {
			require.Equal(t, 1, seen[id], "acknowledged event %s", id)
		}
		for id, n := range seen {
			require.Equal(t, 1, n, "event %s is there %d times", id, n)
		}
		state, err := s.State(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, len(seen), state.Health.Events)
		t.Logf("round %d: %d acknowledged, %d stored, %d files", round, len(acknowledged), len(seen), state.Health.Files)
		require.NoError(t, s.Close())
	}
}

// killAfter runs the victim until it has acknowledged count events, kills it, and returns what it printed.
func killAfter(t *testing.T, dir string, count int) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var ids []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, ok := strings.CutPrefix(lines.Text(), "acknowledged ")
		require.True(t, ok, "the victim said: %s", lines.Text())
		ids = append(ids, id)
		if len(ids) == count {
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait())
	require.GreaterOrEqual(t, len(ids), count)
	return ids
}

func propertyIDs(t *testing.T, s *Store) map[string]int {
	t.Helper()
	seen := map[string]int{}
	eachProperty(t, s, func(text string) {
		id := strings.TrimSuffix(strings.TrimPrefix(text, `{"id":"`), `"}`)
		seen[id]++
	})
	return seen
}
