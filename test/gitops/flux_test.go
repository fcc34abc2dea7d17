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

// Kinds of Flux.
var (
	gitRepository = schema.GroupVersionKind{Group: "source.toolkit.fluxcd.io", Version: "v1", Kind: "GitRepository"}
	kustomization = schema.GroupVersionKind{Group: "kustomize.toolkit.fluxcd.io", Version: "v1", Kind: "Kustomization"}
	helmRelease   = schema.GroupVersionKind{Group: "helm.toolkit.fluxcd.io", Version: "v2", Kind: "HelmRelease"}
)

// installFlux installs Flux from the output of hack/flux.sh into a namespace, and removes it after the specs.
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

// look reads an object of Flux.
func look(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) (*unstructured.Unstructured, error) {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(kind)
	return o, kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, o)
}

// text returns a field, or "" if it is missing.
func text(o *unstructured.Unstructured, path ...string) string {
	value, _, _ := unstructured.NestedString(o.Object, path...)
	return value
}

// condition returns status and message of a condition.
func condition(o *unstructured.Unstructured, kind string) (status, message string) {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range list {
		if c, ok := c.(map[string]any); ok && c["type"] == kind {
			return fmt.Sprint(c["status"]), fmt.Sprint(c["reason"], ": ", c["message"])
		}
	}
	return "", ""
}

// expectReady requires that an object is Ready in its current generation. It stops when the object is Stalled.
func expectReady(g Gomega, o *unstructured.Unstructured) {
	if stalled, why := condition(o, "Stalled"); stalled == "True" {
		StopTrying(o.GetKind()+" "+o.GetName()+" is stalled: "+why).Attach("object", o).Now()
	}
	ready, why := condition(o, "Ready")
	g.Expect(ready).To(Equal("True"), "%s %s: %s", o.GetKind(), o.GetName(), why)
	seen, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
	g.Expect(seen).To(Equal(o.GetGeneration()))
}

// synced waits until a Kustomization has applied a commit and all its objects are Ready.
func (w *world) synced(ctx context.Context, name, commit string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		k, err := look(ctx, kustomization, w.flux, name)
		g.Expect(err).NotTo(HaveOccurred())
		expectReady(g, k)
		g.Expect(text(k, "status", "lastAppliedRevision")).To(Equal("main@sha1:" + commit))
	}).WithContext(ctx).Should(Succeed())
}

// ask requests a reconciliation, like flux reconcile, and returns the value that the status has after it.
func ask(ctx context.Context, kind schema.GroupVersionKind, namespace, name string) string {
	GinkgoHelper()
	o, err := look(ctx, kind, namespace, name)
	Expect(err).NotTo(HaveOccurred())
	token := time.Now().Format(time.RFC3339Nano)
	Expect(kube.Patch(ctx, o, client.RawPatch("application/merge-patch+json",
		fmt.Appendf(nil, `{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, token)))).To(Succeed())
	return token
}

// reconcile requests a reconciliation, and waits until it succeeded.
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

// suspend suspends or resumes a Kustomization.
func (w *world) suspend(ctx context.Context, name string, on bool) {
	GinkgoHelper()
	o, err := look(ctx, kustomization, w.flux, name)
	Expect(err).NotTo(HaveOccurred())
	Expect(kube.Patch(ctx, o, client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"suspend":%t}}`, on)))).To(Succeed())
}
