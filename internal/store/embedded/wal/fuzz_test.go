// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package wal

import (
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/event"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume"
)

// FuzzSegment changes some bytes of a segment. Every commit that is read is one that was written, in order. Missing commits are reported as damage,
// except at the end of the segment, which can be a torn write.
func FuzzSegment(f *testing.F) {
	v, err := volume.Open(volume.System{}, f.TempDir(), 1, slog.New(slog.DiscardHandler))
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, v.Close()) })
	none := func(*Commit, int64) error { return nil }
	log, _, err := Open(v, 1<<20, slog.New(slog.DiscardHandler), 0, none)
	require.NoError(f, err)
	written := map[int64]Commit{}
	for seq := int64(1); seq < 9; seq += 2 {
		group := []*Commit{commitOf(seq), commitOf(seq + 1)}
		_, err := log.Write(group)
		require.NoError(f, err)
		written[seq], written[seq+1] = *group[0], *group[1]
	}
	require.NoError(f, log.Close())
	name := segmentPath(v, 1)
	whole, err := os.ReadFile(name)
	require.NoError(f, err)
	f.Add(uint16(0), uint16(0), []byte{})
	f.Add(uint16(3), uint16(1), []byte{7})
	f.Add(uint16(400), uint16(2000), []byte("JRM1 is no record by itself"))
	f.Add(uint16(0), uint16(len(whole)), whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, at, gone uint16, instead []byte) {
		from := min(int(at), len(whole))
		to := min(from+int(gone), len(whole))
		b := append(append(append([]byte{}, whole[:from]...), instead...), whole[to:]...)
		require.NoError(t, os.WriteFile(name, b, 0o600))
		last := int64(0)
		missing := false
		_, report, err := Open(v, 1<<20, slog.New(slog.DiscardHandler), 0, func(c *Commit, _ int64) error {
			require.Greater(t, c.Seq, last)
			missing = missing || c.Seq != last+1
			last = c.Seq
			require.Equal(t, written[c.Seq], *c)
			return nil
		})
		require.NoError(t, err)
		if missing {
			require.NotEmpty(t, report.Damage)
		}
	})
}

func commitOf(seq int64) *Commit {
	return &Commit{Seq: seq, At: 77, Source: "shop", Events: []event.Event{benchEvent(int(seq)), benchEvent(int(seq) + 100)}, Indexes: []int32{0, 2}}
}
