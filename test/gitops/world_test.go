// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/page"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// The two Kustomizations of docs/gitops/flux.md, and files that the specs edit.
const (
	operator  = "operator"
	journeys  = "journeys"
	mapFile   = "journeys/samples/journeymap.yaml"
	webFile   = "journeys/samples/touchpointsource-web.yaml"
	tillsFile = "journeys/samples/touchpointsource-tills.yaml"
	listFile  = "journeys/samples/kustomization.yaml"
	mapName   = "omnichannel-retail"
	chartFile = "charts/journeyman/Chart.yaml"
)

// world is shared by the specs: the files of the docs with their values, three namespaces and two repositories.
type world struct {
	flux, system, shop string
	files              map[string]string
	mine, project      *repository
	// whole is true if the operator works in all namespaces and installs its CRDs, as in the docs. It is false if other operators work in the cluster.
	whole bool
}

// newWorld starts a Git server with the repository of the docs and that of the project, and Flux.
func newWorld(ctx context.Context) *world {
	GinkgoHelper()
	suffix := rand.String(5)
	w := &world{flux: "gitops-flux-" + suffix, system: "gitops-system-" + suffix, shop: "gitops-shop-" + suffix}
	if w.whole = os.Getenv("JOURNEYMAN_E2E_SHARED") == "" && alone(ctx); !w.whole {
		w.system = w.shop
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.flux}}
	Expect(kube.Create(ctx, namespace)).To(Succeed())
	DeferCleanup(func(ctx context.Context) { _ = kube.Delete(ctx, namespace) })

	git := serveGit(ctx)
	var err error
	w.files, err = page.Files(filepath.Join(root, "docs/gitops/flux.md"))
	Expect(err).NotTo(HaveOccurred())
	repository, tag, _ := strings.Cut(image, ":")
	Expect(page.Fill(w.files, map[string]string{
		"https://git.example.com": git.url, "repository: registry.example.com/journeyman": "repository: " + repository,
		"      tag: v0.1.0": "      tag: " + tag, "flux-system": w.flux, "journeyman-system": w.system,
		"name: shop\n  labels": "name: " + w.shop + "\n  labels", "namespace: shop": "namespace: " + w.shop,
	})).To(Succeed())
	w.project = git.create(ctx, "journeyman")
	w.project.add("charts/journeyman", "charts/journeyman")
	w.project.git(ctx, "add", "--all")
	w.project.git(ctx, "commit", "--quiet", "--message", "The first release")
	w.project.git(ctx, "tag", "v0.1.0")
	w.project.git(ctx, "push", "--quiet", "origin", "main", "--tags")

	w.mine = git.create(ctx, "shop")
	for name, text := range w.files {
		if name != "sync.yaml" {
			w.mine.write(name, text)
		}
	}
	w.mine.add("config/samples", "journeys/samples")
	if !w.whole {
		w.share(ctx)
	}
	installFlux(ctx, w.flux)
	return w
}

// share restricts the operator to the namespace of the shop, without CRDs.
func (w *world) share(ctx context.Context) {
	GinkgoHelper()
	AddReportEntry("other operators may be in the cluster: this one works in its own namespace, and leaves the CRDs as they are")
	suite.Kubectl(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/crd")
	w.mine.edit("operator/release.yaml", "mode: cluster", "mode: namespaced\n    crds:\n      enabled: false")
	w.mine.edit("journeys/kustomization.yaml", "- namespace.yaml\n", "")
}

// alone waits for other operators to be removed, and reports whether they were. An operator for all namespaces would reconcile their objects.
func alone(ctx context.Context) bool {
	return wait.PollUntilContextTimeout(ctx, time.Second, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		names, err := otherOperators(ctx)
		return len(names) == 0, err
	}) == nil
}

// otherOperators returns the namespaces with an operator, except for namespaces that are being deleted.
func otherOperators(ctx context.Context) ([]string, error) {
	list := &metav1.PartialObjectMetadataList{}
	list.SetGroupVersionKind(deployment.GroupVersion().WithKind("DeploymentList"))
	err := kube.List(ctx, list, client.MatchingLabels{"app.kubernetes.io/name": "journeyman", "app.kubernetes.io/component": "operator"})
	var names []string
	for _, d := range list.Items {
		namespace := &corev1.Namespace{}
		if kube.Get(ctx, client.ObjectKey{Name: d.Namespace}, namespace) == nil && namespace.Status.Phase == corev1.NamespaceActive {
			names = append(names, d.Namespace)
		}
	}
	return names, err
}

// push pushes commits, and makes Flux fetch them.
func (w *world) push(ctx context.Context, why string) string {
	GinkgoHelper()
	commit := w.mine.push(ctx, why)
	ask(ctx, gitRepository, w.flux, "shop")
	return commit
}

// fetched waits until source-controller has fetched a commit.
func (w *world) fetched(ctx context.Context, commit string) {
	GinkgoHelper()
	Eventually(func() (string, error) {
		o, err := look(ctx, gitRepository, w.flux, "shop")
		return text(o, "status", "artifact", "revision"), err
	}).WithContext(ctx).Should(Equal("main@sha1:" + commit))
}

// journey returns the map of the samples.
func (w *world) journey(ctx context.Context) (*v1alpha1.JourneyMap, error) {
	m := &v1alpha1.JourneyMap{}
	return m, kube.Get(ctx, client.ObjectKey{Namespace: w.shop, Name: mapName}, m)
}

// all returns the objects of a kind in the namespace of the shop.
func (w *world) all(ctx context.Context, kind string) []unstructured.Unstructured {
	GinkgoHelper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind + "List"))
	Expect(kube.List(ctx, list, client.InNamespace(w.shop))).To(Succeed())
	return list.Items
}

// serving returns the UIDs of the pods of store and ingestion.
func (w *world) serving(ctx context.Context) []types.UID {
	GinkgoHelper()
	list := &corev1.PodList{}
	Expect(kube.List(ctx, list, client.InNamespace(w.shop), client.MatchingLabels{"app.kubernetes.io/managed-by": "journeyman-operator"})).To(Succeed())
	var uids []types.UID
	for i := range list.Items {
		pod := &list.Items[i]
		component := pod.Labels["app.kubernetes.io/component"]
		if pod.DeletionTimestamp == nil && (component == "store" || component == "ingest") {
			uids = append(uids, pod.UID)
		}
	}
	slices.Sort(uids)
	return uids
}

// diagnose prints what a person would look at first after a failure.
func (w *world) diagnose(ctx context.Context) {
	if w.flux == "" || !CurrentSpecReport().Failed() {
		return
	}
	for _, args := range [][]string{
		{"-n", w.flux, "get", "gitrepositories,kustomizations", "-o", "yaml"},
		{"-n", w.system, "get", "helmreleases,helmcharts,pods", "-o", "wide"},
		{"-n", w.shop, "get", "es,tps,jm,mr,deploy,sts,jobs,pods", "-o", "wide"},
		{"-n", w.shop, "get", "events", "--sort-by=.lastTimestamp"},
	} {
		_, _ = suite.TryKubectl(ctx, args...)
	}
	for _, name := range []string{"source", "kustomize", "helm"} {
		_, _ = suite.TryKubectl(ctx, "-n", w.flux, "logs", "--tail=30", fmt.Sprintf("deployment/%s-controller", name))
	}
}

// remove removes the objects that Flux created, while Flux is still installed, and the namespaces that it would keep.
func (w *world) remove(ctx context.Context) {
	if os.Getenv("JOURNEYMAN_E2E_KEEP") != "" {
		return
	}
	_, _ = suite.TryKubectl(ctx, "-n", w.flux, "delete", "kustomizations,gitrepositories", "--all", "--timeout=180s")
	_, _ = suite.TryKubectl(ctx, "-n", w.system, "delete", "helmreleases", "--all", "--timeout=180s")
	_, _ = suite.TryKubectl(ctx, "-n", w.shop, "delete", "mr,jm,tps,es,pvc", "--all", "--wait=false")
	_, _ = suite.TryKubectl(ctx, "delete", "namespace", w.shop, w.system, "--ignore-not-found", "--wait=false")
}

// operatorImage returns the image of the operator's pods, or "" if there are none.
func (w *world) operatorImage(ctx context.Context) (string, error) {
	return suite.TryKubectl(ctx, "-n", w.system, "get", "pods", "-l", "app.kubernetes.io/component=operator",
		"-o", "jsonpath={.items[*].spec.containers[0].image}")
}

// released returns the version of the chart that helm-controller installed last.
func released(release *unstructured.Unstructured) string {
	history, _, _ := unstructured.NestedSlice(release.Object, "status", "history")
	if len(history) == 0 {
		return ""
	}
	version, _ := history[0].(map[string]any)["chartVersion"].(string)
	return version
}
