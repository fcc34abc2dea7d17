// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("An erased person", suite.Slow, func() {
	// Follows docs/store.md, then searches all bytes of the volume, and sends the events of the person again.
	It("is not on the volume any more, and does not come back when their events are sent again", func(ctx SpecContext) {
		tm := newTeam(ctx)
		tm.apply(ecomSource)
		tm.condition("tps", "web", v1alpha1.ConditionIngestionAvailable, "True")
		s := segment{url: tm.serviceURL("web-ingest"), writeKey: "e2e-write-key"}
		theirs := numbered(0, 0, 20)
		for _, m := range theirs {
			m["userId"], m["anonymousId"] = "canary-customer-4711", "canary-anonymous-4711"
		}
		Expect(s.send(theirs, time.Now())).To(Succeed())
		Expect(s.send(numbered(1, 0, 20), time.Now())).To(Succeed())
		Expect(tm.volumeHas("canary-")).NotTo(BeEmpty(), "they are there before")

		out := suite.Kubectl(tm.ctx, "-n", tm.namespace, "exec", "default-store-0", "--", "/store", "erase", "customerId=canary-customer-4711")
		var plan store.ErasurePlan
		Expect(json.Unmarshal([]byte(jsonLine(out)), &plan)).To(Succeed(), "%v", out)
		Expect(plan.Events).To(BeEquivalentTo(20))
		Expect(tm.volumeHas("canary-")).NotTo(BeEmpty(), "a plan changes nothing")
		out = suite.Kubectl(tm.ctx, "-n", tm.namespace, "exec", "default-store-0", "--", "/store", "erase", "--confirm", plan.Digest, "customerId=canary-customer-4711")
		var proof store.Receipt
		Expect(json.Unmarshal([]byte(jsonLine(out)), &proof)).To(Succeed(), "%v", out)
		Expect(proof.Events).To(BeEquivalentTo(20))
		Expect(tm.volumeHas("canary-")).To(BeEmpty(), "a file still has them")

		Expect(s.send(theirs, time.Now())).To(Succeed())
		Expect(tm.volumeHas("canary-")).To(BeEmpty(), "redelivery brought them back")
		tm.eventually("only the others' events are left", func() error {
			var es v1alpha1.EventStore
			tm.get("default", &es)
			if n := ptr.Deref(es.Status.Events, 0); n != 20 {
				return fmt.Errorf("%d events", n)
			}
			return nil
		})
	})
})

// jsonLine returns the line of JSON in a command's output.
func jsonLine(out string) string { return out[max(0, strings.Index(out, "{")):] }

// volumeHas lists the files on the store's volume that contain the text. The node of the one-node cluster is this machine.
func (tm *team) volumeHas(text string) (found []string) {
	GinkgoHelper()
	var pvc corev1.PersistentVolumeClaim
	tm.get("default-store", &pvc)
	var pv corev1.PersistentVolume
	Expect(kube.Get(tm.ctx, clientKey(pvc.Spec.VolumeName), &pv)).To(Succeed())
	dir := ""
	switch {
	case pv.Spec.HostPath != nil:
		dir = pv.Spec.HostPath.Path
	case pv.Spec.Local != nil:
		dir = pv.Spec.Local.Path
	}
	Expect(dir).NotTo(BeEmpty(), "the volume is no folder of this machine")
	Expect(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(content), text) {
			found = append(found, path)
		}
		return err
	})).To(Succeed())
	return found
}
