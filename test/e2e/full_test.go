// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
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

var _ = Describe("A volume that is full", suite.Slow, suite.Faults, func() {
	// Fills the store's volume with somebody else's file: StorageHealthy turns False before it is full, senders get 503
	// and lose nothing, and all is well again when there is room.
	It("is reported before, makes senders wait, and loses nothing", func(ctx SpecContext) {
		tm := newTeam(ctx)
		dir := mountSmall()
		tm.apply(fmt.Sprintf(smallVolume, tm.namespace, dir))
		DeferCleanup(func(ctx SpecContext) { _, _ = suite.TryKubectl(ctx, "delete", "pv", tm.namespace, "--wait=false") })
		tm.apply(webKey + webSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "True")
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		Expect(s.send(numbered(0, 0, 50), time.Now())).To(Succeed())

		ballast := filepath.Join(dir, "ballast")
		fillUntilLeft(ballast, dir, 10<<20)
		tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "False")
		fillUntilLeft(ballast, dir, 0)
		tm.eventually("a full store makes ingestion answer 503", func() error {
			return tm.wantStatus(&s, http.StatusServiceUnavailable)
		})
		Expect(os.Remove(ballast)).To(Succeed())
		Expect(s.send(numbered(0, 1, 50), time.Now())).To(Succeed())
		tm.condition("es", "default", v1alpha1.ConditionStorageHealthy, "True")
	})
})

func mountSmall() string {
	// Below /var, since the kubelet refuses volumes below the folder of temporary files on some systems.
	dir, err := os.MkdirTemp("/var/tmp", "journeyman-e2e-")
	Expect(err).NotTo(HaveOccurred())
	Expect(syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=96m,mode=0770")).To(Succeed())
	DeferCleanup(func() {
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		_ = os.Remove(dir)
	})
	return dir
}

// fillUntilLeft grows the file until so many bytes are left on its file system.
func fillUntilLeft(file, dir string, left int64) {
	GinkgoHelper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = f.Close() }()
	for {
		var fs syscall.Statfs_t
		Expect(syscall.Statfs(dir, &fs)).To(Succeed())
		more := int64(fs.Bavail)*fs.Bsize - left
		if more <= 0 {
			return
		}
		if _, err := f.Write(make([]byte, min(more, 1<<20))); err != nil {
			Expect(err).To(MatchError(syscall.ENOSPC))
			return
		}
	}
}
