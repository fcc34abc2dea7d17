// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Installs the manifests on a real API server, and does the work of the operator as its service account. The roles are sufficient, and do not allow
// more.
func TestRolesAreSufficient(t *testing.T) {
	config := apiServer(t)
	admin := clientOf(t, config, "")
	for _, namespace := range []string{"team", "shop", "elsewhere"} {
		require.NoError(t, admin.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))
	}

	t.Run("cluster", func(t *testing.T) {
		setUp(t, admin, manifests(t, "default", "journeyman-system"))
		operator := clientOf(t, config, "system:serviceaccount:journeyman-system:journeyman-operator")
		requireWorksIn(t, operator, "team")
		requireDenied(t, operator, "team")
		requireOwnNamespace(t, operator, "journeyman-system")
	})

	t.Run("namespaced", func(t *testing.T) {
		list := manifests(t, "namespaced", "shop")
		for _, object := range list {
			require.Equal(t, "shop", object.GetNamespace(), "%s %s belongs to the whole cluster", object.GetKind(), object.GetName())
		}
		setUp(t, admin, list)
		operator := clientOf(t, config, "system:serviceaccount:shop:journeyman-operator")
		requireWorksIn(t, operator, "shop")
		requireDenied(t, operator, "shop")
		requireOwnNamespace(t, operator, "shop")
		require.True(t, apierrors.IsForbidden(operator.List(t.Context(), kindList("EventStoreList"), client.InNamespace("elsewhere"))))
	})
}

// manifests builds a folder in config with kustomize, in an overlay like those of the demo and of docs/install.md.
func manifests(t *testing.T, folder, namespace string) []*unstructured.Unstructured {
	t.Helper()
	dir, err := os.MkdirTemp("../../config", ".test-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	overlay := fmt.Sprintf("kind: Kustomization\nnamespace: %s\nresources: [../%s]\nimages: [{name: journeyman, newName: registry.example.com/jm, newTag: v7}]\n",
		namespace, folder)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(overlay), 0o600))
	var stderr bytes.Buffer
	kustomize := exec.CommandContext(t.Context(), filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl"), "kustomize", dir)
	kustomize.Stderr = &stderr
	out, err := kustomize.Output()
	require.NoError(t, err, stderr.String())

	var list []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(out), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		list = append(list, object)
	}
}

func setUp(t *testing.T, admin client.Client, list []*unstructured.Unstructured) {
	t.Helper()
	for _, object := range list {
		require.NoError(t, admin.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object)), "%s %s", object.GetKind(), object.GetName())
	}
}

// requireWorksIn creates all children of the full fixtures, which have every kind, and deletes those that can be pruned.
func requireWorksIn(t *testing.T, operator client.Client, namespace string) {
	t.Helper()
	full, err := filepath.Glob("testdata/*-full.in.yaml")
	require.NoError(t, err)
	require.Len(t, full, 4)
	for _, path := range full {
		f := loadFixture(t, path)
		f.inNamespace(namespace)
		for _, child := range f.children(t) {
			object, err := child.Unstructured()
			require.NoError(t, err)
			if child.CreateOnly {
				if err := operator.Create(t.Context(), object); !apierrors.IsAlreadyExists(err) {
					require.NoError(t, err, child.String())
				}
			} else {
				require.NoError(t, operator.Apply(t.Context(), child.Object, client.ForceOwnership), child.String())
			}
			if contains(resources.Prunable(f.parent), child.GVK) {
				require.NoError(t, operator.Delete(t.Context(), object), child.String())
			}
		}
	}
	for _, kind := range []string{"EventStoreList", "TouchpointSourceList", "JourneyMapList", "MetricReportList"} {
		require.NoError(t, operator.List(t.Context(), kindList(kind), client.InNamespace(namespace)), kind)
	}
}

func kindList(kind string) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	return list
}

// requireDenied tries what an operator must not be able to do.
func requireDenied(t *testing.T, operator client.Client, namespace string) {
	t.Helper()
	in, pepper := client.InNamespace(namespace), client.ObjectKey{Namespace: namespace, Name: "pepper"}
	store := &unstructured.Unstructured{}
	store.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(v1alpha1.EventStoreKind))
	store.SetNamespace(namespace)
	store.SetName("default")
	for what, err := range map[string]error{
		"list Secrets":    operator.List(t.Context(), &corev1.SecretList{}, in),
		"read a Secret":   operator.Get(t.Context(), pepper, &corev1.Secret{}),
		"list ConfigMaps": operator.List(t.Context(), &corev1.ConfigMapList{}, in),
		"list Pods":       operator.List(t.Context(), &corev1.PodList{}, in),
		"change a spec":   operator.Patch(t.Context(), store, client.RawPatch(types.MergePatchType, []byte(`{"spec":{}}`))),
		"delete a store":  operator.Delete(t.Context(), store),
	} {
		require.True(t, apierrors.IsForbidden(err), "%s: %v", what, err)
	}
}

// requireOwnNamespace creates and reads the operator key, reads its image, and acquires the lease.
func requireOwnNamespace(t *testing.T, operator client.Client, namespace string) {
	t.Helper()
	first, err := pki.LoadOrCreateOperatorKey(t.Context(), operator, namespace)
	require.NoError(t, err)
	second, err := pki.LoadOrCreateOperatorKey(t.Context(), operator, namespace)
	require.NoError(t, err)
	require.Equal(t, first, second)

	var own appsv1.Deployment
	require.NoError(t, operator.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "journeyman-operator"}, &own))
	requireRestricted(t, "the operator", own.Spec.Template)
	require.Equal(t, "operator", own.Spec.Template.Spec.Containers[0].Name)
	require.Equal(t, "registry.example.com/jm:v7", own.Spec.Template.Spec.Containers[0].Image, "the overlay's image is what children get")

	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "journeyman-operator"}}
	require.NoError(t, operator.Create(t.Context(), lease))
	require.NoError(t, operator.Get(t.Context(), client.ObjectKeyFromObject(lease), lease))
	require.NoError(t, operator.Update(t.Context(), lease))
}
