// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// className creates a storage class, and returns its name.
func (w *world) className(expands bool) string {
	GinkgoHelper()
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}, Provisioner: "example.com/none", AllowVolumeExpansion: &expands}
	Expect(api.Create(w.ctx, class)).To(Succeed())
	return class.Name
}

// storeOf creates an EventStore with a volume of a class, and binds its claim like a driver, which can grant more than requested.
func (w *world) storeOf(class, size, capacity string) *v1alpha1.EventStore {
	GinkgoHelper()
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.EventStoreSpec{Backend: v1alpha1.StoreBackend{
		Embedded: &v1alpha1.EmbeddedBackend{Storage: v1alpha1.StoreStorage{Size: resource.MustParse(size), StorageClassName: class}},
	}}}
	w.create(es)
	awaitReady(w, "default", es)
	w.bind(capacity)
	return eventually(w, "default", es, "granted", func(s *v1alpha1.EventStore) bool { return s.Status.GrantedSize != nil })
}

func (w *world) bind(capacity string) {
	GinkgoHelper()
	claim := get(w, "default-store", &corev1.PersistentVolumeClaim{})
	if claim.Spec.VolumeName == "" {
		claim.Spec.VolumeName = "volume-of-" + w.namespace
		Expect(api.Update(w.ctx, claim)).To(Succeed())
	}
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(capacity)}
	Expect(api.Status().Update(w.ctx, claim)).To(Succeed())
}

func (w *world) resize(size string) error {
	GinkgoHelper()
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"backend": map[string]any{"embedded": map[string]any{"storage": map[string]any{"size": size}}}}})
	Expect(err).NotTo(HaveOccurred())
	return api.Patch(w.ctx, get(w, "default", &v1alpha1.EventStore{}), client.RawPatch("application/merge-patch+json", patch))
}

func (w *world) asks() string {
	claim := get(w, "default-store", &corev1.PersistentVolumeClaim{})
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	return size.String()
}

var _ = Describe("A volume's size", suite.Fast, func() {
	// The class does not allow expansion. The store reports it, the rest of the spec is applied, and the size can be decreased to the granted size, but
	// not below.
	It("that the storage class refuses is reported, and the rest of the spec is applied", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		es := w.storeOf(w.className(false), "1Gi", "2Gi")
		Expect(es.Status.GrantedSize.String()).To(Equal("1Gi"), "what was asked for, not what the driver made of it")

		Expect(w.resize("50Gi")).To(Succeed())
		awaitCondition(w, "default", es, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonChildRefused)
		said := message(es, v1alpha1.ConditionStalled)
		Expect(said).To(ContainSubstring("spec.backend.embedded.storage.size: the API server refuses PersistentVolumeClaim " + w.namespace + "/default-store: "))
		Expect(said).To(ContainSubstring("storageclass that provisions the pvc must support resize"))
		Expect(said).To(ContainSubstring("go back to 1Gi, which the volume has"))
		Expect(w.asks()).To(Equal("1Gi"))

		By("later children are applied, too")
		change(w, "default", es, func(s *v1alpha1.EventStore) {
			s.Spec.Pod = &v1alpha1.PodOptions{Resources: &v1alpha1.PodResources{Limits: map[string]resource.Quantity{"memory": resource.MustParse("777Mi")}}}
		})
		eventually(w, "default-store", &appsv1.StatefulSet{}, "the new memory", func(s *appsv1.StatefulSet) bool {
			return s.Spec.Template.Spec.Containers[0].Resources.Limits.Memory().String() == "777Mi"
		})

		Expect(w.resize("512Mi")).To(MatchError(ContainSubstring("less than status.grantedSize")))
		Expect(w.resize("1Gi")).To(Succeed())
		awaitReady(w, "default", es)
		w.checkStatuses(true)
	})

	// The class allows expansion, but the driver never expands the volume. The size can be decreased, also in the claim, as far as the API server allows
	// it.
	It("that is never granted can be decreased again", suite.Versions, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		es := w.storeOf(w.className(true), "1Gi", "1Gi")
		Expect(w.resize("50Gi")).To(Succeed())
		Eventually(ctx, func() bool { return w.asks() == "50Gi" }).Should(BeTrue())
		awaitReady(w, "default", es)
		Expect(es.Status.GrantedSize.String()).To(Equal("1Gi"), "the volume does not have it yet")

		Expect(w.resize("5Gi")).To(Succeed())
		Eventually(ctx, func() bool { return w.asks() == "5Gi" }).Should(BeTrue(), "it asks for %s", w.asks())
		awaitReady(w, "default", es)
		Expect(w.resize("1Gi")).To(Succeed())
		awaitReady(w, "default", es)
		Expect(w.asks()).To(Equal("5Gi"), "a claim cannot ask for what its volume has already")

		Expect(w.resize("5Gi")).To(Succeed())
		w.bind("6Gi")
		eventually(w, "default", es, "granted", func(s *v1alpha1.EventStore) bool { return s.Status.GrantedSize.String() == "5Gi" })
		Expect(w.resize("4Gi")).To(MatchError(ContainSubstring("a volume cannot be shrunk")))
		w.checkStatuses(false)
	})

	// A quota refuses the larger claim. When the quota allows it, the claim is expanded without a change of the EventStore.
	It("that a quota refuses is applied when the quota allows it", suite.Faults, func(ctx SpecContext) {
		w := newWorld(ctx)
		w.start()
		es := w.storeOf(w.className(true), "1Gi", "1Gi")
		hard := corev1.ResourceList{corev1.ResourceRequestsStorage: resource.MustParse("2Gi")}
		quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "storage"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}}
		w.create(quota)
		quota.Status = corev1.ResourceQuotaStatus{Hard: hard, Used: corev1.ResourceList{corev1.ResourceRequestsStorage: resource.MustParse("1Gi")}}
		Expect(api.Status().Update(ctx, quota)).To(Succeed())
		Eventually(ctx, func() bool {
			_ = w.resize("50Gi")
			_ = api.Get(ctx, w.key("default"), es)
			return has(es, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonChildRefused)
		}).Should(BeTrue())
		Expect(message(es, v1alpha1.ConditionStalled)).To(ContainSubstring("exceeded quota: storage"))
		Expect(api.Delete(ctx, quota)).To(Succeed())
		change(w, "default", es, func(s *v1alpha1.EventStore) { s.Annotations = map[string]string{"example.com/touched": "yes"} })
		Eventually(ctx, func() bool { return w.asks() == "50Gi" }).Should(BeTrue())
		awaitFixed(w, "default", es)
	})
})
