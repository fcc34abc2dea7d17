// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/operator/sim"
)

// shortWrites bounds the enumeration in short runs.
const shortWrites = 6

// small applies one object of each kind: every kind of write is in it, and no more.
func (w *world) small() {
	w.t.Helper()
	for _, kind := range kinds {
		for _, u := range samples(w.t, kind) {
			if kind == "TouchpointSource" && u.GetName() != "web" {
				continue
			}
			if kind == "JourneyMap" {
				sources := []any{map[string]any{"name": "web"}}
				require.NoError(w.t, unstructured.SetNestedSlice(u.Object, sources, "spec", "sources"))
			}
			w.create(u)
		}
	}
}

// TestCrashAtEveryWrite learns how many writes the samples take, and then ends the operator before and after each of them, with the
// answer lost. The next operator knows nothing of the first; it has to come to the same end, and then to rest.
func TestCrashAtEveryWrite(t *testing.T) {
	reference := newWorld(t)
	reference.start()
	reference.small()
	reference.settle()
	want, n := reference.state(), len(reference.wire.Writes(0))
	reference.stop()
	require.Greater(t, n, 30, "fewer writes than objects: the wire does not see them all")
	if testing.Short() {
		n = shortWrites
	}
	for i := 1; i <= n; i++ {
		for _, fate := range []sim.Fate{sim.CutBefore, sim.CutAfter} {
			t.Run(fmt.Sprintf("write %d of %d, %s", i, n, fateName(fate)), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.crashAt(i, fate)
				w.start()
				w.settle()
				w.checkStatuses(false)
				require.Equal(t, want, w.state(), "another end than without the crash")
				mark := w.wire.Len()
				touch(w, "again", "default", "web", "omnichannel-retail", "retail-kpis")
				w.quiet(time.Second)
				require.Empty(t, w.wire.Writes(mark), "it does not come to rest")
				w.stop()
			})
		}
	}
}

func fateName(f sim.Fate) string {
	if f == sim.CutBefore {
		return "lost before"
	}
	return "answer lost"
}

// crashAt runs an operator up to its i-th write. From that on nothing of it reaches the API server.
func (w *world) crashAt(i int, fate sim.Fate) {
	w.t.Helper()
	crashed := make(chan struct{})
	w.wire.Break(func(n int, _ *http.Request) sim.Fate {
		switch {
		case n < i:
			return sim.Pass
		case n == i:
			close(crashed)
			return fate
		default:
			return sim.CutBefore
		}
	})
	w.start()
	w.small()
	select {
	case <-crashed:
	case <-time.After(5 * time.Second): // this run needs fewer writes: two changes came in one turn
	}
	w.stop()
	w.wire.Break(nil)
}

// settle waits until the samples are Ready and nothing is written any more.
func (w *world) settle() {
	w.t.Helper()
	awaitReady(w, "default", &v1alpha1.EventStore{})
	awaitReady(w, "web", &v1alpha1.TouchpointSource{})
	awaitReady(w, "omnichannel-retail", &v1alpha1.JourneyMap{})
	awaitReady(w, "retail-kpis", &v1alpha1.MetricReport{})
	w.quiet(1500 * time.Millisecond)
}
