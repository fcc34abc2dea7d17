// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/identity"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/embedded/wal"
)

// A load is in the manifest and on the volume. If its commit cannot be read in a damaged log, the load still counts, whatever the log has after it.
func TestReplayWithoutTheCommitOfALoad(t *testing.T) {
	commit := func(seq int64) *wal.Commit {
		return &wal.Commit{Seq: seq, Source: "shop", Counters: store.Counters{Accepted: 1}}
	}
	for name, readable := range map[string][]int64{"damage at the end": {1}, "damage in between": {1, 3}, "no damage": {1, 2, 3}} {
		t.Run(name, func(t *testing.T) {
			v := openVolume(t, t.TempDir())
			m := open(t, v).Change()
			m.AddLoad(Load{
				ID: "history", Source: "shop", Loaded: store.Loaded{Seq: 2, Events: 10}, Change: &LoadChange{Counters: store.Counters{Accepted: 10}},
			})
			require.NoError(t, m.write(v))
			c, err := Open(v, Options{Identity: identity.NewPolicy(nil), OverlayBytes: 1 << 20, Logger: slog.New(slog.DiscardHandler)})
			require.NoError(t, err)
			last := int64(0)
			for _, seq := range readable {
				require.NoError(t, c.Replay(commit(seq), 0))
				last = seq
			}
			require.NoError(t, c.Replayed(last))
			require.EqualValues(t, max(last, 2), c.Seq())
			own := int64(len(readable))
			if name == "no damage" {
				own-- // the commit of the load itself
			}
			require.Equal(t, own+10, c.Sources()[0].State.Counters.Accepted)
		})
	}
}
