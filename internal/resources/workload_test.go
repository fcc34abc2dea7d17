// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func sourceInput(t *testing.T) resources.TouchpointSourceInput {
	t.Helper()
	f := loadFixture(t, "testdata/touchpointsource-full.in.yaml")
	return resources.TouchpointSourceInput{
		Source: f.sources[0], Store: f.stores[0], Rollout: testRollout,
		AppendSecret: resources.AppendSecretName(f.stores[0].Name, f.material(t)),
	}
}

func deploymentOf(t *testing.T, in resources.TouchpointSourceInput) *appsv1.Deployment {
	t.Helper()
	children, err := resources.TouchpointSourceChildren(in)
	require.NoError(t, err)
	for _, child := range children {
		if child.GVK.Kind == "Deployment" {
			return typed[appsv1.Deployment](t, child)
		}
	}
	t.Fatal("no Deployment")
	return nil
}

func statefulSetOf(t *testing.T, in resources.EventStoreInput) *appsv1.StatefulSet {
	t.Helper()
	children, err := resources.EventStoreChildren(in)
	require.NoError(t, err)
	for _, child := range children {
		if child.GVK.Kind == "StatefulSet" {
			return typed[appsv1.StatefulSet](t, child)
		}
	}
	t.Fatal("no StatefulSet")
	return nil
}

// TestDocumentsRestartNothing changes everything that pods reload by themselves and compares the pod templates.
func TestDocumentsRestartNothing(t *testing.T) {
	before, after := sourceInput(t), sourceInput(t)
	after.Source.Generation += 3
	after.Source.Spec.Mapping = after.Source.Spec.Mapping[:0]
	after.Source.Spec.ExpectEvery = "5m"
	after.Source.Spec.Limits = nil
	after.Source.Spec.Drop = nil
	after.Source.Spec.Suspend = new(true)
	after.Store.Spec.Retention = "10d"
	after.Store.Spec.Privacy.Hash = append(after.Store.Spec.Privacy.Hash, "loyaltyId")
	require.Equal(t, deploymentOf(t, before).Spec.Template, deploymentOf(t, after).Spec.Template)

	f := loadFixture(t, "testdata/eventstore-full.in.yaml")
	g := loadFixture(t, "testdata/eventstore-full.in.yaml")
	g.stores[0].Spec.Retention = ""
	g.stores[0].Spec.Identity = nil
	g.stores[0].Spec.Exclude = nil
	g.stores[0].Spec.Backend.Embedded.Storage.Size = resource.MustParse("500Gi")
	g.stores[0].Generation++
	require.Equal(t, workloads(t, f.children(t)), workloads(t, g.children(t)))
}

func TestClaimNeverShrinks(t *testing.T) {
	f := loadFixture(t, "testdata/eventstore-minimal.in.yaml")
	for _, tc := range []struct {
		live    string
		pending bool
		want    string
	}{
		{"0", false, "10Gi"},
		{"5Gi", false, "10Gi"},
		{"5Gi", true, "5Gi"},
		{"20Gi", false, "20Gi"},
		{"20Gi", true, "20Gi"},
	} {
		children, err := resources.EventStoreChildren(resources.EventStoreInput{
			Store: f.stores[0], Rollout: testRollout, Material: f.material(t),
			ClaimSize: resource.MustParse(tc.live), ClaimPending: tc.pending,
		})
		require.NoError(t, err)
		for _, child := range children {
			if child.GVK.Kind != "PersistentVolumeClaim" {
				continue
			}
			object, err := child.Unstructured()
			require.NoError(t, err)
			require.Contains(t, string(mustYAML(t, object.Object["spec"])), "storage: "+tc.want)
			require.True(t, resources.Adoptable(resources.EventStoreKind, "default", object))
			require.False(t, resources.Adoptable(resources.EventStoreKind, "other", object))
			require.NotContains(t, object.GetLabels(), resources.LabelInstance, "Argo CD may prune by it")
			object.SetOwnerReferences([]metav1.OwnerReference{{Kind: "Other", Name: "x", UID: "y", Controller: new(true)}})
			require.False(t, resources.Adoptable(resources.EventStoreKind, "default", object), "it has a controller")
		}
	}
}

func TestAutoscaledReplicas(t *testing.T) {
	in := sourceInput(t)
	require.Nil(t, deploymentOf(t, in).Spec.Replicas, "the autoscaler sets them")

	in.KeepReplicas = new(int32(3))
	require.EqualValues(t, 3, *deploymentOf(t, in).Spec.Replicas, "until the autoscaler owns them")

	in.Source.Spec.Scaling = &v1alpha1.Scaling{MinReplicas: new(int32(4)), MaxReplicas: new(int32(4))}
	require.EqualValues(t, 4, *deploymentOf(t, in).Spec.Replicas, "no autoscaler")
}

func TestReplicasToKeep(t *testing.T) {
	entry := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		return metav1.ManagedFieldsEntry{Manager: manager, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	replicas, nothing := `{"f:spec":{"f:replicas":{}}}`, `{"f:spec":{"f:selector":{}}}`
	for name, tc := range map[string]struct {
		fields []metav1.ManagedFieldsEntry
		want   *int32
	}{
		"ours":             {[]metav1.ManagedFieldsEntry{entry(resources.Manager, "", replicas)}, new(int32(3))},
		"the autoscaler's": {[]metav1.ManagedFieldsEntry{entry(resources.Manager, "", nothing), entry("kube-controller-manager", "scale", replicas)}, nil},
		"nobody's":         {nil, nil},
		"unreadable":       {[]metav1.ManagedFieldsEntry{entry(resources.Manager, "", "{")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			live := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: new(int32(3))}}
			live.ManagedFields = tc.fields
			require.Equal(t, tc.want, resources.ReplicasToKeep(live))
		})
	}
	require.Nil(t, resources.ReplicasToKeep(nil))
}

// TestANewEpochRestartsTheStoreAlone: ingestion pods and metric jobs go on with the Secrets that they have.
func TestANewEpochRestartsTheStoreAlone(t *testing.T) {
	f := loadFixture(t, "testdata/eventstore-minimal.in.yaml")
	next, err := pki.OperatorKey{1, 2, 3}.Material(resources.StoreIdentity(f.stores[0]), 1)
	require.NoError(t, err)
	current := f.material(t)
	require.Equal(t, resources.AppendSecretName("default", current), resources.AppendSecretName("default", next))
	require.Equal(t, resources.ScanSecretName("default", current), resources.ScanSecretName("default", next))

	children, err := resources.EventStoreChildren(resources.EventStoreInput{Store: f.stores[0], Rollout: testRollout, Material: next})
	require.NoError(t, err)
	require.NotEqual(t, workloads(t, f.children(t)), workloads(t, children))
}
