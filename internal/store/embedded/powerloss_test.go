// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package embedded

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/store/embedded/volume/volumetest"
)

// crashHistory is a fixed sequence of calls of a store, and what was acknowledged of it.
type crashHistory interface {
	// run makes the calls until one fails, and returns its error.
	run(t *testing.T, s *Store) error
	// recovered checks a store that was opened again in dir after a power loss, and can continue the history.
	recovered(t *testing.T, s *Store, dir string)
}

// testPowerLoss cuts the power before every single disk operation of a history, which has more than least of them. Everything that was not synced is
// lost. In every third run, some of it is kept at random.
func testPowerLoss[H crashHistory](t *testing.T, least int, begin func() H) {
	t.Helper()
	whole := volumetest.New(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, begin().run(t, mustOpen(t, smallOptions(t, whole.Root, whole))))
	t.Logf("%d operations", whole.Operations)
	require.Greater(t, whole.Operations, least)
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for at := 1; at <= whole.Operations; at += stride {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			powerLossAt(t, at, begin())
		})
	}
}

func powerLossAt(t *testing.T, at int, h crashHistory) {
	t.Helper()
	disk := volumetest.New(filepath.Join(t.TempDir(), "store"))
	disk.PowerOffAt = at
	if s, err := Open(smallOptions(t, disk.Root, disk)); err == nil {
		require.Error(t, h.run(t, s), "the power was never cut")
		_ = s.Close()
	}
	t.Log(disk)
	disks := map[string]*rand.Rand{"lost": nil}
	if at%3 == 0 {
		disks["luck"] = rand.New(rand.NewPCG(1, uint64(at)))
	}
	for name, luck := range disks {
		dir := filepath.Join(t.TempDir(), name)
		require.NoError(t, disk.AfterPowerLoss(dir, luck))
		again, err := Open(smallOptions(t, dir, nil))
		require.NoError(t, err, name)
		h.recovered(t, again, dir)
		require.NoError(t, again.Close())
	}
}
