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

// smallVolume is a volume of 96 MiB with its own file system. root owns it, and the group of the store's pod can write to it.
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

var _ = Describe("A full volume", suite.Slow, suite.Faults, func() {
	// A file that does not belong to the store fills the volume. StorageHealthy becomes False before the volume is full. Then senders get 503, and no
	// event is lost. When the file is removed, everything recovers.
	It("is reported before it is full, and loses no events", func(ctx SpecContext) {
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
	// in /var, because some kubelets refuse volumes in the folder of temporary files
	dir, err := os.MkdirTemp("/var/tmp", "journeyman-e2e-")
	Expect(err).NotTo(HaveOccurred())
	Expect(syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=96m,mode=0770")).To(Succeed())
	DeferCleanup(func() {
		_ = syscall.Unmount(dir, syscall.MNT_DETACH)
		_ = os.Remove(dir)
	})
	return dir
}

// fillUntilLeft extends the file until only the given number of bytes is free on its file system.
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
