// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// still returns what must not change while nobody edits anything: stores and sources completely, and maps and reports, whose status changes with each
// run, without the status.
func (w *world) still(ctx context.Context) map[string]string {
	GinkgoHelper()
	seen := map[string]string{}
	for _, kind := range kinds {
		for _, o := range w.all(ctx, kind) {
			key := kind + "/" + o.GetName()
			if kind == "EventStore" || kind == "TouchpointSource" {
				seen[key] = o.GetResourceVersion()
				continue
			}
			seen[key] = fmt.Sprint(o.GetGeneration())
			for _, m := range o.GetManagedFields() {
				if m.Subresource == "" {
					seen[key] += fmt.Sprint(" ", m.Manager, " ", m.Operation, " ", m.Time)
				}
			}
		}
	}
	services := &corev1.ServiceList{}
	Expect(kube.List(ctx, services, client.InNamespace(w.shop))).To(Succeed())
	for i := range services.Items {
		seen["Service/"+services.Items[i].Name] = services.Items[i].ResourceVersion
	}
	return seen
}

func (w *world) quiet() {
	It("does not overwrite the operator: unchanged objects are not written again", func(ctx context.Context) {
		began := time.Now()
		// In each round, Flux reconciles everything twice. If two controllers overwrote each other, every round would have a write.
		Eventually(func(g Gomega) {
			before := w.still(ctx)
			for range 2 {
				reconcile(ctx, kustomization, w.flux, operator)
				reconcile(ctx, kustomization, w.flux, journeys)
				reconcile(ctx, helmRelease, w.system, "journeyman")
			}
			time.Sleep(10 * time.Second) // wait for writes in response to other writes
			g.Expect(w.still(ctx)).To(Equal(before))
		}).WithContext(ctx).Should(Succeed())
		report("a round without a write", began)
	})

	It("owns the spec, and the operator owns the status: no field has two owners", func(ctx context.Context) {
		for _, kind := range kinds {
			for _, o := range w.all(ctx, kind) {
				fluxes := 0
				for _, m := range o.GetManagedFields() {
					fields := m.FieldsV1.GetRawString()
					if m.Manager == "kustomize-controller" {
						fluxes++
						Expect(m.Subresource).To(BeEmpty())
						Expect(fields).NotTo(ContainSubstring(`"f:status"`))
						continue
					}
					Expect(fields).NotTo(ContainSubstring(`"f:spec"`), "%s %s is written by %s", kind, o.GetName(), m.Manager)
				}
				Expect(fluxes).To(Equal(1))
			}
		}
	})
}

func (w *world) drift() {
	It("reverts a change of a spec", func(ctx context.Context) {
		m, err := w.journey(ctx)
		Expect(err).NotTo(HaveOccurred())
		goal := m.Spec.Goal
		suite.Kubectl(ctx, "-n", w.shop, "patch", "jm", mapName, "--type=merge", "-p", `{"spec":{"goal":"Fewer visitors"}}`)
		suite.Kubectl(ctx, "-n", w.shop, "delete", "mr", "retail-kpis")
		began := time.Now()
		reconcile(ctx, kustomization, w.flux, journeys)
		report("Flux reverted a spec and created a report again, after its reconciliation started", began)
		m, err = w.journey(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(m.Spec.Goal).To(Equal(goal))
		Expect(w.all(ctx, "MetricReport")).To(HaveLen(1))
	})

	It("does not manage the children: the operator restores them while Flux is suspended", func(ctx context.Context) {
		w.suspend(ctx, journeys, true)
		DeferCleanup(w.suspend, journeys, false)
		service := w.serviceOf(ctx, "crm-email")
		Expect(kube.Delete(ctx, service)).To(Succeed())
		name := w.deploymentOf(ctx, "tills").Name
		suite.Kubectl(ctx, "-n", w.shop, "patch", "deployment", name, "--type=json", "-p",
			`[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"example.com/other:1"}]`)
		began := time.Now()
		Eventually(func(g Gomega) {
			g.Expect(w.serviceOf(ctx, "crm-email").UID).NotTo(BeElementOf(service.UID, types.UID("")))
			g.Expect(w.deploymentOf(ctx, "tills").Spec.Template.Spec.Containers[0].Image).To(Equal(image))
		}).WithContext(ctx).Should(Succeed())
		report("a Service and an image put back by the operator", began)
	})

	It("restores the operator with helm-controller", func(ctx context.Context) {
		suite.Kubectl(ctx, "-n", w.system, "scale", "deployment", "journeyman-operator", "--replicas=0")
		began := time.Now()
		token := ask(ctx, helmRelease, w.system, "journeyman")
		Eventually(func(g Gomega) {
			o, err := look(ctx, helmRelease, w.system, "journeyman")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(text(o, "status", "lastHandledReconcileAt")).To(Equal(token))
			d := &appsv1.Deployment{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: w.system, Name: "journeyman-operator"}, d)).To(Succeed())
			g.Expect(d.Status.ReadyReplicas).To(BeEquivalentTo(1))
		}).WithContext(ctx).Should(Succeed())
		report("the operator back, from the moment Flux looks", began)
	})
}

// serviceOf and deploymentOf return the children of a source.
func (w *world) serviceOf(ctx context.Context, source string) *corev1.Service {
	GinkgoHelper()
	list := &corev1.ServiceList{}
	Expect(kube.List(ctx, list, client.InNamespace(w.shop))).To(Succeed())
	for i := range list.Items {
		if ownedBy(&list.Items[i], source) {
			return &list.Items[i]
		}
	}
	return &corev1.Service{}
}

func (w *world) deploymentOf(ctx context.Context, source string) *appsv1.Deployment {
	GinkgoHelper()
	list := &appsv1.DeploymentList{}
	Expect(kube.List(ctx, list, client.InNamespace(w.shop))).To(Succeed())
	for i := range list.Items {
		if ownedBy(&list.Items[i], source) {
			return &list.Items[i]
		}
	}
	Fail("no Deployment of " + source)
	return nil
}

func ownedBy(o client.Object, source string) bool {
	for _, owner := range o.GetOwnerReferences() {
		if owner.Kind == "TouchpointSource" && owner.Name == source && strings.HasPrefix(owner.APIVersion, v1alpha1.GroupVersion.Group) {
			return true
		}
	}
	return false
}
