// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/simulator/compare"
	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
	"github.com/journeyman-dev/journeyman/test/rig"
)

// programs builds the programs of the test. JOURNEYMAN_PROGRAMS is a folder of programs to use instead, such as those for another architecture, which
// an emulator runs.
func programs(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("JOURNEYMAN_PROGRAMS"); dir != "" {
		return dir
	}
	dir := t.TempDir()
	for _, name := range []string{"store", "ingest", "analysis"} {
		cmd := exec.Command("go", "build", "-tags=netgo,osusergo", "-o", filepath.Join(dir, name), "./cmd/"+name)
		cmd.Dir = filepath.Join("..", "..")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return dir
}

func start(t *testing.T, storeArgs ...string) *rig.Rig {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the rig reads /proc, which is there on Linux only")
	}
	r, err := rig.New(context.Background(), rig.Options{
		Bin: programs(t), Dir: t.TempDir(), Samples: filepath.Join("..", "..", "config", "samples"), StoreArgs: storeArgs,
	})
	require.NoError(t, err)
	for i := range r.Samples.Sources {
		_, err := r.StartIngest(context.Background(), &r.Samples.Sources[i])
		require.NoError(t, err)
	}
	return r
}

func analyse(t *testing.T, r *rig.Rig, scheduled time.Time, w *world.World, sent ...wire.Tally) *compare.Objects {
	t.Helper()
	c, err := r.Client()
	require.NoError(t, err)
	counted(t, c, sent)
	m, err := r.Analyse(context.Background(), "JourneyMap", scheduled, w.Params.Start())
	require.NoError(t, err)
	mr, err := r.Analyse(context.Background(), "MetricReport", scheduled, w.Params.Start())
	require.NoError(t, err)
	return objectsOf(t, r.Samples, c, m.Status, mr.Status)
}

// Sends a world, kills the store, and compares all numbers. Then sends everything again after a flush, in other batches and through another pod of
// the web site, and compares again.
func TestNumbersOfRealProcesses(t *testing.T) {
	r := start(t, "--compact-every", "1s")
	w := drawn(t, 21, 700)
	first := sendWorld(t, r.Endpoints, w, 0)
	require.NoError(t, r.Store.Kill())
	require.NoError(t, r.StartStore(context.Background()))
	agree(t, analyse(t, r, w.Params.Now, w, first.Sent), []wire.Tally{first.Sent}, w)

	waitForFiles(t, r)
	second := maps.Clone(r.Endpoints)
	for i := range r.Samples.Sources {
		if source := &r.Samples.Sources[i]; world.Source(source.Name) == world.Web {
			endpoint, err := r.StartIngest(context.Background(), source)
			require.NoError(t, err)
			second[world.Web] = endpoint
		}
	}
	sendWorld(t, second, w, 1)
	objects := analyse(t, r, w.Params.Now.Add(-30*time.Hour), w)
	objects.Sources = nil // everything was accepted and refused twice
	agree(t, objects, []wire.Tally{first.Sent}, w)
	require.NoError(t, r.Close())
}

// waitForFiles waits until the log is flushed.
func waitForFiles(t *testing.T, r *rig.Rig) {
	t.Helper()
	c, err := r.Client()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		state, err := c.State(context.Background())
		return err == nil && state.Health.Files > 0 && state.Health.UnflushedBytes == 0
	}, 2*time.Minute, 200*time.Millisecond)
}
