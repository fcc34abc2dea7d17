// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// className makes a storage class of the test's own.
func (w *world) className(expands bool) string {
	w.t.Helper()
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}, Provisioner: "example.com/none", AllowVolumeExpansion: &expands}
	require.NoError(w.t, api.Create(ctx(w.t), class))
	return class.Name
}

// storeOf makes an EventStore with a volume of a class, and binds its claim as a driver does: it may give more than was asked for.
func (w *world) storeOf(class, size, capacity string) *v1alpha1.EventStore {
	w.t.Helper()
	es := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.EventStoreSpec{Backend: v1alpha1.StoreBackend{
		Embedded: &v1alpha1.EmbeddedBackend{Storage: v1alpha1.StoreStorage{Size: resource.MustParse(size), StorageClassName: class}},
	}}}
	w.create(es)
	awaitReady(w, "default", es)
	w.bind(capacity)
	return eventually(w, "default", es, "granted", func(s *v1alpha1.EventStore) bool { return s.Status.GrantedSize != nil })
}

func (w *world) bind(capacity string) {
	w.t.Helper()
	claim := get(w, "default-store", &corev1.PersistentVolumeClaim{})
	if claim.Spec.VolumeName == "" {
		claim.Spec.VolumeName = "volume-of-" + w.namespace
		require.NoError(w.t, api.Update(ctx(w.t), claim))
	}
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(capacity)}
	require.NoError(w.t, api.Status().Update(ctx(w.t), claim))
}

func (w *world) resize(size string) error {
	w.t.Helper()
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"backend": map[string]any{"embedded": map[string]any{"storage": map[string]any{"size": size}}}}})
	require.NoError(w.t, err)
	return api.Patch(ctx(w.t), get(w, "default", &v1alpha1.EventStore{}), client.RawPatch("application/merge-patch+json", patch))
}

func (w *world) asks() string {
	claim := get(w, "default-store", &corev1.PersistentVolumeClaim{})
	size := claim.Spec.Resources.Requests[corev1.ResourceStorage]
	return size.String()
}

// TestRefusedResize: a class that cannot expand. The store says so, everything else of the spec is applied, and the size can go back to what
// was granted, but not below it.
func TestRefusedResize(t *testing.T) {
	w := newWorld(t)
	w.start()
	es := w.storeOf(w.className(false), "1Gi", "2Gi")
	require.Equal(t, "1Gi", es.Status.GrantedSize.String(), "what was asked for, not what the driver made of it")

	require.NoError(t, w.resize("50Gi"))
	awaitCondition(w, "default", es, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonChildRefused)
	said := message(es, v1alpha1.ConditionStalled)
	require.Contains(t, said, "spec.backend.embedded.storage.size: the API server refuses PersistentVolumeClaim "+w.namespace+"/default-store: ")
	require.Contains(t, said, "storageclass that provisions the pvc must support resize")
	require.Contains(t, said, "go back to 1Gi, which the volume has")
	require.Equal(t, "1Gi", w.asks())

	t.Log("what comes behind the claim is applied all the same")
	change(w, "default", es, func(s *v1alpha1.EventStore) {
		s.Spec.Pod = &v1alpha1.PodOptions{Resources: &v1alpha1.PodResources{Limits: map[string]resource.Quantity{"memory": resource.MustParse("777Mi")}}}
	})
	eventually(w, "default-store", &appsv1.StatefulSet{}, "the new memory", func(s *appsv1.StatefulSet) bool {
		return s.Spec.Template.Spec.Containers[0].Resources.Limits.Memory().String() == "777Mi"
	})

	require.ErrorContains(t, w.resize("512Mi"), "less than status.grantedSize")
	require.NoError(t, w.resize("1Gi"))
	awaitReady(w, "default", es)
	w.checkStatuses(true)
}

// TestResizeThatCannotBeDone: the class expands, but the driver never does it. What was asked for in vain is taken back in the claim, too, as far
// as the API server lets it.
func TestResizeThatCannotBeDone(t *testing.T) {
	w := newWorld(t)
	w.start()
	es := w.storeOf(w.className(true), "1Gi", "1Gi")
	require.NoError(t, w.resize("50Gi"))
	require.Eventually(t, func() bool { return w.asks() == "50Gi" }, patience, 50e6)
	awaitReady(w, "default", es)
	require.Equal(t, "1Gi", es.Status.GrantedSize.String(), "the volume does not have it yet")

	require.NoError(t, w.resize("5Gi"))
	require.Eventually(t, func() bool { return w.asks() == "5Gi" }, patience, 50e6, "it asks for %s", w.asks())
	awaitReady(w, "default", es)
	require.NoError(t, w.resize("1Gi"))
	awaitReady(w, "default", es)
	require.Equal(t, "5Gi", w.asks(), "a claim cannot ask for what its volume has already")

	require.NoError(t, w.resize("5Gi"))
	w.bind("6Gi")
	eventually(w, "default", es, "granted", func(s *v1alpha1.EventStore) bool { return s.Status.GrantedSize.String() == "5Gi" })
	require.ErrorContains(t, w.resize("4Gi"), "a volume cannot be shrunk")
	w.checkStatuses(false)
}

// TestQuotaOnStorage: a quota refuses the larger claim; when it lets go, the claim grows without a change of the EventStore.
func TestQuotaOnStorage(t *testing.T) {
	w := newWorld(t)
	w.start()
	es := w.storeOf(w.className(true), "1Gi", "1Gi")
	hard := corev1.ResourceList{corev1.ResourceRequestsStorage: resource.MustParse("2Gi")}
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "storage"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}}
	w.create(quota)
	quota.Status = corev1.ResourceQuotaStatus{Hard: hard, Used: corev1.ResourceList{corev1.ResourceRequestsStorage: resource.MustParse("1Gi")}}
	require.NoError(t, api.Status().Update(ctx(t), quota))
	require.Eventually(t, func() bool {
		_ = w.resize("50Gi")
		_ = api.Get(ctx(t), w.key("default"), es)
		return has(es, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonChildRefused)
	}, patience, 200e6)
	require.Contains(t, message(es, v1alpha1.ConditionStalled), "exceeded quota: storage")
	require.NoError(t, api.Delete(ctx(t), quota))
	change(w, "default", es, func(s *v1alpha1.EventStore) { s.Annotations = map[string]string{"example.com/touched": "yes"} })
	require.Eventually(t, func() bool { return w.asks() == "50Gi" }, patience, 50e6)
	awaitReady(w, "default", es)
}
