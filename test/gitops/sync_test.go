// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/page"
)

var deployment = appsv1.SchemeGroupVersion.WithKind("Deployment")

// kinds of Journeyman.
var kinds = []string{"EventStore", "TouchpointSource", "JourneyMap", "MetricReport"}

// The specs are one installation, in order.
var _ = Describe("Flux", Ordered, Label("gitops", "slow"), func() {
	w := &world{}
	BeforeAll(func(ctx context.Context) {
		began := time.Now()
		*w = *newWorld(ctx)
		DeferCleanup(w.remove) // before Flux is removed
		report("Flux and the Git server were installed", began)
	})
	AfterEach(func(ctx context.Context) { w.diagnose(ctx) })

	w.firstSync()
	w.edits()
	w.quiet()
	w.drift()
	w.refusals()
	w.suspension()
	w.pruning()
	w.upgrade()
	w.uninstall()
})

func (w *world) firstSync() {
	It("installs chart and journeys from Git until they are Ready", func(ctx context.Context) {
		began := time.Now()
		commit := w.mine.push(ctx, "The operator and the samples")
		list, err := page.Objects(w.files["sync.yaml"])
		Expect(err).NotTo(HaveOccurred())
		for _, o := range list {
			Expect(kube.Create(ctx, o)).To(Succeed())
		}
		w.synced(ctx, operator, commit)
		report("the first sync of the chart, to Ready", began)
		release, err := look(ctx, helmRelease, w.system, "journeyman")
		Expect(err).NotTo(HaveOccurred())
		expectReady(Default, release)

		w.synced(ctx, journeys, commit)
		report("the first sync of chart and samples, to Ready", began)
		for _, kind := range kinds {
			list := w.all(ctx, kind)
			Expect(list).NotTo(BeEmpty())
			for i := range list {
				expectReady(Default, &list[i])
			}
		}
	})
}

func (w *world) edits() {
	It("applies an edit in Git", func(ctx context.Context) {
		w.mine.edit(tillsFile, "  expectEvery: 12h\n", "  expectEvery: 12h\n  scaling:\n    minReplicas: 2\n")
		w.mine.edit(mapFile, "goal: More visitors who buy", "goal: Twice as many visitors who buy")
		began := time.Now()
		w.synced(ctx, journeys, w.push(ctx, "Two replicas for the tills, and a higher goal"))
		report("an edit, to Ready", began)

		m, err := w.journey(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Spec.Goal).To(HavePrefix("Twice as many"))
		Expect(*w.deploymentOf(ctx, "tills").Spec.Replicas).To(BeEquivalentTo(2), "Ready was said when the child had it")
	})
}

func (w *world) suspension() {
	It("changes nothing while suspended, and catches up after", func(ctx context.Context) {
		w.suspend(ctx, journeys, true)
		w.mine.edit(mapFile, "goal: Twice as many", "goal: Three times as many")
		commit := w.push(ctx, "A still higher goal")
		w.fetched(ctx, commit)
		Consistently(func(g Gomega) {
			m, err := w.journey(ctx)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(m.Spec.Goal).To(HavePrefix("Twice"))
		}).WithContext(ctx).WithTimeout(5 * time.Second).Should(Succeed())
		began := time.Now()
		w.suspend(ctx, journeys, false)
		w.synced(ctx, journeys, commit)
		report("catching up after a suspension", began)
		m, err := w.journey(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Spec.Goal).To(HavePrefix("Three times"))
	})
}

func (w *world) pruning() {
	It("removes objects that were removed from Git, with their children and nothing else", func(ctx context.Context) {
		before := &appsv1.DeploymentList{}
		Expect(kube.List(ctx, before, client.InNamespace(w.shop), client.MatchingLabels{"app.kubernetes.io/component": "ingest"})).To(Succeed())
		Expect(before.Items).To(HaveLen(5))
		w.mine.edit(listFile, "- touchpointsource-surveys.yaml\n", "")
		w.mine.edit(listFile, "- metricreport.yaml\n", "")
		w.mine.edit(mapFile, "  - name: surveys\n", "")
		began := time.Now()
		w.synced(ctx, journeys, w.push(ctx, "No surveys and no report any more"))
		Expect(w.all(ctx, "MetricReport")).To(BeEmpty())
		Expect(w.all(ctx, "TouchpointSource")).To(HaveLen(4))
		Eventually(func(g Gomega) {
			after := &appsv1.DeploymentList{}
			g.Expect(kube.List(ctx, after, client.InNamespace(w.shop), client.MatchingLabels{"app.kubernetes.io/component": "ingest"})).To(Succeed())
			g.Expect(after.Items).To(HaveLen(4))
			for i := range after.Items {
				g.Expect(after.Items[i].OwnerReferences[0].Name).NotTo(Equal("surveys"))
			}
			report, err := look(ctx, v1alpha1.GroupVersion.WithKind("MetricReport"), w.shop, "retail-kpis")
			g.Expect(client.IgnoreNotFound(err)).To(Succeed(), "%v", report)
		}).WithContext(ctx).Should(Succeed())
		report("a prune, children included", began)
	})
}
