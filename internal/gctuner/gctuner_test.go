// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gctuner

import (
	"os"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		name string
		live uint64
		want int
	}{
		{"nothing is live", 0, 1600},
		{"almost nothing is live", 1 << 20, 1600},
		{"the headroom is several times the live heap", 16 << 20, 400},
		{"the headroom is the live heap", 64 << 20, 100},
		{"the share of the live heap is more", 1 << 30, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, percent(c.live, 64<<20, 50))
		})
	}
}

// TestStart watches the size of the heap at which Go collects, while little and then much of it is live.
func TestStart(t *testing.T) {
	if os.Getenv("GOGC") != "" {
		t.Skip("GOGC is set")
	}
	Start(64<<20, 50)
	for _, live := range []int{8 << 20, 256 << 20, 16 << 20} {
		kept := make([]byte, live)
		headroom := max(64<<20, live/2)
		require.EventuallyWithT(t, func(c *assert.CollectT) {
			runtime.GC()
			require.InEpsilon(c, live+headroom, heapGoal(), 0.2)
		}, 30*time.Second, 10*time.Millisecond, "%d MiB are live", live>>20)
		runtime.KeepAlive(kept)
	}
}

// heapGoal returns the size of the heap at which Go collects next, in bytes.
func heapGoal() uint64 {
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	return goal[0].Value.Uint64()
}
