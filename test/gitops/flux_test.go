// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// Flux's kinds.
var (
	gitRepository = schema.GroupVersionKind{Group: "source.toolkit.fluxcd.io", Version: "v1", Kind: "GitRepository"}
	kustomization = schema.GroupVersionKind{Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Kind: "Kustomization"}
	helmRelease   = schema.GroupVersionKind{Group: "helm.toolkit.fluxcd.io", Version: "v2", Kind: "HelmRelease"}
)

// installFlux applies what hack/flux.sh has written, into a namespace, and takes it away after the specs.
func installFlux(ctx context.Context, namespace string) {
	GinkgoHelper()
	Expect(suite.Kubectl(ctx, "get", "crd", "-o", "name")).NotTo(ContainSubstring("toolkit.fluxcd.io"), "this cluster has Flux already")
	dir, err := os.MkdirTemp(filepath.Join(root, "bin"), "flux-")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(os.RemoveAll, dir)
	Expect(os.WriteFile(filepath.Join(dir, "kustomization.yaml"),
		fmt.Appendf(nil, "namespace: %s\nresources: [../flux]\n", namespace), 0o600)).To(Succeed())
	DeferCleanup(func(ctx context.Context) {
		_, _ = suite.TryKubectl(ctx, "delete", "-k", dir, "--ignore-not-found", "--wait=false")
	})
	suite.Kubectl(ctx, "apply", "--server-side", "-k", dir)
	for _, name := range []string{"source-controller", "kustomize-controller", "helm-controller"} {
		suite.Kubectl(ctx, "-n", namespace, "rollout", "status", "deployment", name, "--timeout="+patience.String())
	}
}

// look reads an object of Flux's.
func look(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) (*unstructured.Unstructured, error) {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kind)
	return o, kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, o)
}

// text reads a field, "" where it is not there.
func text(o *unstructured.Unstructured, path ...string) string {
	value, _, _ := unstructured.NestedString(o.Object, path...)
	return value
}

// condition gives status and message of a condition.
func condition(o *unstructured.Unstructured, kind string) (status, message string) {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range list {
		if c, ok := c.(map[string]any); ok && c["type"] == kind {
			return fmt.Sprint(c["status"]), fmt.Sprint(c["reason"], ": ", c["message"])
		}
	}
	return "", ""
}

// expectReady wants an object to be Ready in its present generation, and gives up where only a person can help.
func expectReady(g Gomega, o *unstructured.Unstructured) {
	if stalled, why := condition(o, "Stalled"); stalled == "True" {
		StopTrying(o.GetKind()+" "+o.GetName()+" is stalled: "+why).Attach("object", o).Now()
	}
	ready, why := condition(o, "Ready")
	g.Expect(ready).To(Equal("True"), "%s %s: %s", o.GetKind(), o.GetName(), why)
	seen, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	g.Expect(seen).To(Equal(o.GetGeneration()))
}

// synced waits until a Kustomization has applied a commit, and all that it made is Ready.
func (w *world) synced(ctx context.Context, name, commit string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		k, err := look(ctx, kustomization, w.flux, name)
		g.Expect(err).NotTo(HaveOccurred())
		expectReady(g, k)
		g.Expect(text(k, "status", "lastAppliedRevision")).To(Equal("main@sha1:" + commit))
	}).WithContext(ctx).Should(Succeed())
}

// ask has Flux look at an object now, as flux reconcile does, and gives what has to be in its status when it has.
func ask(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) string {
	GinkgoHelper()
	o, err := look(ctx, kind, namespace, name)
	Expect(err).NotTo(HaveOccurred())
	token := time.Now().Format(time.RFC3339Nano)
	Expect(kube.Patch(ctx, o, client.RawPatch("application/merge-patch+json",
		fmt.Appendf(nil, `{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, token)))).To(Succeed())
	return token
}

// reconcile asks, and waits until it is done and well.
func reconcile(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) {
	GinkgoHelper()
	token := ask(ctx, kind, namespace, name)
	Eventually(func(g Gomega) {
		o, err := look(ctx, kind, namespace, name)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(text(o, "status", "lastHandledReconcileAt")).To(Equal(token))
		expectReady(g, o)
	}).WithContext(ctx).Should(Succeed())
}

// suspend tells Flux to leave what a Kustomization made alone, or to look after it again.
func (w *world) suspend(ctx context.Context, name string, on bool) {
	GinkgoHelper()
	o, err := look(ctx, kustomization, w.flux, name)
	Expect(err).NotTo(HaveOccurred())
	Expect(kube.Patch(ctx, o, client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"suspend":%t}}`, on)))).To(Succeed())
}
