// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package budget_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/budget"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/value"
)

func TestLargeRequestsLeaveRoomForSmallOnes(t *testing.T) {
	b := budget.New(80 << 20) // 10 MiB for small requests, 16 MiB for large ones
	large := b.Share()
	require.NoError(t, large.Hold(15<<20))
	other := b.Share()
	require.ErrorIs(t, other.Hold(4<<20), budget.ErrFull)
	small := b.Share()
	require.NoError(t, small.Hold(budget.SmallBytes))
	require.ErrorIs(t, small.Hold(4<<20), budget.ErrFull, "its first bytes do not make a large request a small one")
	large.Release()
	require.NoError(t, small.Hold(4<<20))
	small.Release()
	small.Release()
	other.Release()
	held, decoding := b.Held()
	require.Zero(t, held)
	require.Zero(t, decoding)
}

func TestDecodingTakesTurns(t *testing.T) {
	b := budget.New(80 << 20) // 5 MiB for small requests, 16 MiB for large ones
	first, second, small := b.Share(), b.Share(), b.Share()
	require.ErrorIs(t, first.Decode(t.Context(), 17<<20), budget.ErrTooLarge)
	require.NoError(t, first.Decode(t.Context(), 12<<20))
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.ErrorIs(t, second.Decode(gone, 12<<20), budget.ErrFull)
	require.NoError(t, small.Decode(t.Context(), 64<<10), "small ones do not wait for large ones")
	turn := make(chan error)
	go func() { turn <- second.Decode(t.Context(), 12<<20) }()
	first.Decoded()
	require.NoError(t, <-turn)
	second.Release()
	small.Release()
	_, decoding := b.Held()
	require.Zero(t, decoding)
}

// A request that waits for another system leaves its turn to others, and what it decoded is counted as held.
func TestAPausedTurnIsHeld(t *testing.T) {
	b := budget.New(80 << 20) // 16 MiB for large requests, and 16 MiB for decoding them
	first, second := b.Share(), b.Share()
	require.NoError(t, first.Decode(t.Context(), 12<<20))
	first.Pause()
	held, decoding := b.Held()
	require.Equal(t, []int64{12 << 20, 0}, []int64{held, decoding})
	require.NoError(t, second.Decode(t.Context(), 12<<20))
	second.Pause()
	_, decoding = b.Held()
	require.EqualValues(t, 12<<20, decoding, "there is no room to hold it, so its turn goes on")
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.ErrorIs(t, first.Resume(gone), budget.ErrFull)
	require.NoError(t, second.Resume(t.Context()))
	second.Release()
	require.NoError(t, first.Decode(t.Context(), 12<<20))
	first.Pause()
	require.NoError(t, first.Resume(t.Context()))
	held, decoding = b.Held()
	require.Equal(t, []int64{0, 12 << 20}, []int64{held, decoding})
	first.Pause()
	first.Release()
	held, decoding = b.Held()
	require.Equal(t, []int64{0, 0}, []int64{held, decoding})
}

func TestFreeGivesBackWhatIsHeld(t *testing.T) {
	b := budget.New(80 << 20)
	s := b.Share()
	require.NoError(t, s.Hold(1<<20))
	s.Free(1<<20 - 1)
	held, _ := b.Held()
	require.EqualValues(t, 1, held)
	s.Free(5)
	held, _ = b.Held()
	require.Zero(t, held)
	require.NoError(t, s.Hold(1<<20))
	s.Release()
	held, _ = b.Held()
	require.Zero(t, held)
}

// Decodes documents that need the most memory for their size, and compares the used memory with the estimate.
func TestWeight(t *testing.T) {
	fill := func(open, element, end string) string {
		n := min((1<<20)/len(element), 480_000/(1+2*strings.Count(element, "[")+3*strings.Count(element, "{")))
		return open + strings.Repeat(element+",", n-1) + element + end
	}
	for name, document := range map[string]string{
		"numbers":      fill(`{"a":[`, `0`, `]}`),
		"decimals":     fill(`{"a":[`, `0.1`, `]}`),
		"long numbers": fill(`{"a":[`, `12345678901234567890123`, `]}`),
		"exponents":    fill(`{"a":[`, `1e300`, `]}`),
		"objects":      fill(`{"a":[`, `{"a":0}`, `]}`),
		"empty ones":   fill(`{"a":[`, `{}`, `]}`),
		"empty lists":  fill(`{"a":[`, `[]`, `]}`),
		"nested lists": fill(`{"a":[`, `[[[[0]]]]`, `]}`),
		"texts":        fill(`{"a":[`, `""`, `]}`),
		"long text":    `{"a":"` + strings.Repeat("x", 1<<20) + `"}`,
		"escapes":      `{"a":"` + strings.Repeat(`\u0001`, 170_000) + `"}`,
		"names":        names(80_000),
	} {
		t.Run(name, func(t *testing.T) {
			raw := []byte(document)
			require.Nil(t, transport.CheckJSON(raw))
			before := heap()
			v, err := value.Decode(raw)
			require.NoError(t, err)
			decoded := heap()
			written, err := value.Encode(v)
			require.NoError(t, err)
			took := decoded - before + int64(cap(written))
			runtime.KeepAlive(v)
			runtime.KeepAlive(raw)
			t.Logf("%d bytes took %d KiB, the weight is %d KiB", len(raw), took>>10, budget.WeightJSON(raw)>>10)
			require.LessOrEqual(t, took, budget.WeightJSON(raw))
		})
	}
}

// names returns an object with n fields.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%x":1`, i)
	}
	return "{" + b.String()[1:] + "}"
}

// heap returns the bytes of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Several servers in one process, as in tests, each compute the total memory.
func TestTotalIsStable(t *testing.T) {
	first := budget.Total(0)
	limit := debug.SetMemoryLimit(-1)
	require.Equal(t, first, budget.Total(0))
	require.Equal(t, limit, debug.SetMemoryLimit(-1))
	require.Positive(t, first)
	require.EqualValues(t, 64<<20, budget.Total(64<<20))
}
