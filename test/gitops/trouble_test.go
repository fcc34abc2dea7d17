// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// said waits until a Kustomization is not Ready and its message contains the texts.
func (w *world) said(ctx context.Context, name, commit string, texts ...string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		k, err := look(ctx, kustomization, w.flux, name)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(text(k, "status", "lastAttemptedRevision")).To(Equal("main@sha1:" + commit))
		ready, why := condition(k, "Ready")
		g.Expect(ready).To(Equal("False"), why)
		for _, t := range texts {
			g.Expect(why).To(ContainSubstring(t))
		}
	}).WithContext(ctx).Should(Succeed())
}

func (w *world) refusals() {
	It("reports what the API server refuses, and changes nothing", func(ctx context.Context) {
		w.mine.edit(mapFile, "    every: 1m\n", "    every: 1m\n    schedule: 0 6 * * *\n")
		w.mine.edit(webFile, "maxReplicas: 4", "maxReplicas: 3")
		began := time.Now()
		w.said(ctx, journeys, w.push(ctx, "Both every and schedule"), "set at most one of every and schedule", mapName)
		report("a spec that the API server refuses, to our message in the Kustomization", began)
		web := &v1alpha1.TouchpointSource{}
		Expect(kube.Get(ctx, client.ObjectKey{Namespace: w.shop, Name: "web"}, web)).To(Succeed())
		Expect(*web.Spec.Scaling.MaxReplicas).To(BeEquivalentTo(4), "nothing of a commit is applied of which a part is refused")
	})

	It("reports a spec that the operator cannot apply, and recovers when it is fixed", func(ctx context.Context) {
		w.mine.edit(mapFile, "    every: 1m\n    schedule: 0 6 * * *\n", "    schedule: 61 6 * * *\n")
		began := time.Now()
		commit := w.push(ctx, "A minute that no hour has")
		w.said(ctx, journeys, commit, "JourneyMap/"+w.shop+"/"+mapName, "'Failed'")
		report("a spec that the operator refuses, to Failed in the Kustomization", began)
		// The message of Flux names the object. The reason is in the object's conditions and in an Event.
		m, err := w.journey(ctx)
		Expect(err).NotTo(HaveOccurred())
		stalled := meta.FindStatusCondition(m.Status.Conditions, v1alpha1.ConditionStalled)
		Expect(stalled).NotTo(BeNil())
		Expect(stalled.Message).To(HavePrefix("spec.analysis.schedule: "))
		Expect(suite.Kubectl(ctx, "-n", w.shop, "get", "events", "--field-selector=involvedObject.name="+mapName)).To(ContainSubstring(stalled.Message))

		w.mine.edit(mapFile, "    schedule: 61 6 * * *\n", "    every: 1m\n")
		began = time.Now()
		w.synced(ctx, journeys, w.push(ctx, "Every minute again"))
		report("from the fixed spec to Ready", began)
	})
}

func (w *world) upgrade() {
	It("upgrades the chart without restarting the pods of store and ingestion", func(ctx context.Context) {
		Eventually(w.serving).WithContext(ctx).Should(HaveLen(7), "a store, two pods of the site and of the tills, one of each other source")
		before := w.serving(ctx)
		w.project.edit(chartFile, "version: 0.1.0", "version: 0.2.0")
		w.project.push(ctx, "The second release")
		w.project.git(ctx, "tag", "v0.2.0")
		w.project.git(ctx, "push", "--quiet", "origin", "--tags")
		_, tag, _ := strings.Cut(image, ":")
		_, nextTag, _ := strings.Cut(next, ":")
		w.mine.edit("operator/release.yaml", "    tag: v0.1.0", "    tag: v0.2.0")
		w.mine.edit("operator/release.yaml", "      tag: "+tag, "      tag: "+nextTag)

		began := time.Now()
		w.synced(ctx, operator, w.push(ctx, "Upgrade the operator"))
		Eventually(func(g Gomega) {
			release, err := look(ctx, helmRelease, w.system, "journeyman")
			g.Expect(err).NotTo(HaveOccurred())
			expectReady(g, release)
			g.Expect(released(release)).To(Equal("0.2.0"))
			g.Expect(w.operatorImage(ctx)).To(Equal(next))
			store := &v1alpha1.EventStore{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: w.shop, Name: "default"}, store)).To(Succeed())
			g.Expect(store.Status.UpdateAvailable).To(Equal(next))
		}).WithContext(ctx).Should(Succeed())
		report("the upgrade of the chart", began)
		reconcile(ctx, kustomization, w.flux, journeys)
		Expect(w.serving(ctx)).To(Equal(before))
	})
}

func (w *world) uninstall() {
	It("uninstalls the operator, and keeps CRDs, journeys and ingestion", func(ctx context.Context) {
		before := w.serving(ctx)
		crds := suite.Kubectl(ctx, "get", "crd", "-o", `jsonpath={range .items[?(@.spec.group=="journeyman.dev")]}{.metadata.name} {.metadata.uid}{"\n"}{end}`)
		Expect(strings.Split(strings.TrimSpace(crds), "\n")).To(HaveLen(4))
		k, err := look(ctx, kustomization, w.flux, operator)
		Expect(err).NotTo(HaveOccurred())
		began := time.Now()
		Expect(kube.Delete(ctx, k)).To(Succeed())
		Eventually(func(g Gomega) {
			release, err := look(ctx, helmRelease, w.system, "journeyman")
			g.Expect(client.IgnoreNotFound(err)).To(Succeed())
			g.Expect(release.GetName()).To(BeEmpty(), "the release is still there")
			g.Expect(w.operatorImage(ctx)).To(BeEmpty())
		}).WithContext(ctx).Should(Succeed())
		report("the operator uninstalled", began)
		Expect(suite.Kubectl(ctx, "get", "crd", "-o", `jsonpath={range .items[?(@.spec.group=="journeyman.dev")]}{.metadata.name} {.metadata.uid}{"\n"}{end}`)).
			To(Equal(crds))
		Expect(w.all(ctx, "JourneyMap")).To(HaveLen(1))
		Expect(w.serving(ctx)).To(Equal(before), "senders notice nothing")
	})
}
