// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// smallVolume is a volume of 96 MiB on a file system of its own: owned by root, writable by the group that the store's pod has.
const smallVolume = `
apiVersion: v1
kind: PersistentVolume
metadata: {name: %[1]s}
spec:
  capacity: {storage: 96Mi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: %[1]s
  local: {path: %[2]s}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [one-node]}]
---
apiVersion: journeyman.dev/v1alpha1
kind: EventStore
metadata: {name: default}
spec:
  backend: {embedded: {storage: {size: 64Mi, storageClassName: %[1]s}}}
`

// TestFullVolume fills the store's volume with somebody else's file: StorageHealthy turns False before it is full, senders get 503
// and lose nothing, and all is well again when there is room.
func TestFullVolume(t *testing.T) {
	tm := newTeam(t)
	dir := mountSmall(t)
	tm.apply(fmt.Sprintf(smallVolume, tm.namespace, dir))
	t.Cleanup(func() { _, _ = kubectl("delete", "pv", tm.namespace, "--wait=false") })
	tm.apply(webKey + webSource)
	tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
	tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "True")
	s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
	require.NoError(t, s.send(numbered(0, 0, 50), time.Now()))

	ballast := filepath.Join(dir, "ballast")
	fillUntilLeft(t, ballast, dir, 10<<20)
	tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "False")
	fillUntilLeft(t, ballast, dir, 0)
	tm.eventually("a full store makes ingestion answer 503", func() error {
		return tm.wantStatus(&s, http.StatusServiceUnavailable)
	})
	require.NoError(t, os.Remove(ballast))
	require.NoError(t, s.send(numbered(0, 1, 50), time.Now()))
	tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "True")
}

func mountSmall(t *testing.T) string {
	// Below /var, since the kubelet refuses volumes below the folder of temporary files on some systems.
	dir, err := os.MkdirTemp("/var/tmp", "journeyman-e2e-")
	require.NoError(t, err)
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=96m,mode=0770"))
	t.Cleanup(func() {
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		_ = os.Remove(dir)
	})
	return dir
}

// fillUntilLeft grows the file until so many bytes are left on its file system.
func fillUntilLeft(t *testing.T, file, dir string, left int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	for {
		var fs syscall.Statfs_t
		require.NoError(t, syscall.Statfs(dir, &fs))
		more := int64(fs.Bavail)*fs.Bsize - left
		if more <= 0 {
			return
		}
		if _, err := f.Write(make([]byte, min(more, 1<<20))); err != nil {
			require.ErrorIs(t, err, syscall.ENOSPC)
			return
		}
	}
}
