// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

const (
	mib = 1 << 20
	// size of the volume; ballast fills a part of it, and the store keeps minFree free
	volumeBytes  = 96 * mib
	ballastBytes = 40 * mib
	minFree      = 16 * mib
	// user of the store's pod. The volume belongs to root, and the group can write.
	podUser = 65532
)

// mountSmall mounts a small filesystem as the data of the volume, owned by root and writable by the group.
func mountSmall(t *testing.T, v *volume) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	options := fmt.Sprintf("size=%d,mode=2775,uid=0,gid=%d", volumeBytes, podUser)
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", options, "none", v.data).CombinedOutput(); err != nil {
		t.Skipf("mounting is not permitted here: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", v.data).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	// the user of the pod must have access to it and to its own files
	for dir := v.dir; dir != os.TempDir() && len(dir) > 1; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	for _, name := range []string{podconfig.File, podconfig.TLSCertFile, podconfig.TLSKeyFile, podconfig.AppendKey, podconfig.ScanKey, podconfig.AdminKey} {
		require.NoError(t, os.Chown(filepath.Join(v.dir, name), podUser, podUser))
	}
}

// Appends are refused before the volume is full, and the state says why. All acknowledged events can be read. When there is space again, the store
// accepts appends without a restart.
func TestFullVolume(t *testing.T) {
	v, l := newVolume(t), newLedger()
	mountSmall(t, v)
	ballast := filepath.Join(v.data, "ballast")
	require.NoError(t, os.WriteFile(ballast, make([]byte, ballastBytes), 0o600))
	cmd := v.command("--min-free", strconv.Itoa(minFree), "--compact-every", "300ms")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: podUser, Gid: podUser}}
	p := launch(t, cmd)
	c := p.client(t, v, v.keys.AdminKey)

	free := state(t, c).FreeBytes
	require.Less(t, free, int64(volumeBytes-ballastBytes))
	refused := fill(t, l, c)
	require.ErrorIs(t, refused, store.ErrFull)
	health := state(t, c)
	require.Equal(t, "full", health.ReadOnly)
	require.Less(t, health.FreeBytes, free)
	require.NotZero(t, freeOf(t, v.data), "the store stops before the file system does")
	l.check(t, c)
	require.Empty(t, get(t, p.probes+"/readyz"), "a full store can be read")

	require.NoError(t, os.Remove(ballast))
	b := makeBatch("after", 10, 100)
	l.send(b)
	eventually(t, "the store takes events again", func(ctx context.Context) error { _, err := c.Append(ctx, b); return err })
	l.ack(b)
	require.Empty(t, state(t, c).ReadOnly)
	l.check(t, c)
	p.kill()
	cmd = v.command("--min-free", strconv.Itoa(minFree))
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: podUser, Gid: podUser}}
	p = launch(t, cmd)
	l.check(t, p.client(t, v, v.keys.AdminKey))
}

// fill appends until the store refuses permanently.
func fill(t *testing.T, l *ledger, c *client.Client) error {
	t.Helper()
	deadline := time.Now().Add(patience)
	for i := 0; ; i++ {
		b := makeBatch(fmt.Sprint("fill-", i), 50, 8000)
		l.send(b)
		for {
			_, err := c.Append(t.Context(), b)
			if err == nil {
				break
			}
			require.True(t, time.Now().Before(deadline), "%v", err)
			if !errors.Is(err, store.ErrUnavailable) {
				return err
			}
			time.Sleep(50 * time.Millisecond) // the store is busy flushing, and allows a retry
		}
		l.ack(b)
	}
}

func freeOf(t *testing.T, dir string) uint64 {
	t.Helper()
	var s syscall.Statfs_t
	require.NoError(t, syscall.Statfs(dir, &s))
	return s.Bavail * uint64(s.Bsize)
}
