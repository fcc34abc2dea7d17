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

// Changes everything that pods reload by themselves. The pod templates do not change.
func TestDocumentsRestartNothing(t *testing.T) {
	before, after := sourceInput(t), sourceInput(t)
	after.Source.Generation += 3
	after.Source.Spec.Mapping = after.Source.Spec.Mapping[:0]
	after.Source.Spec.ExpectEvery = "5m"
	after.Source.Spec.Limits = nil
	after.Source.Spec.DropFields = nil
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

// The granted size is the requested one, as soon as the volume has it. A driver can grant more.
func TestGrantedSize(t *testing.T) {
	ten := resource.MustParse("10Gi")
	for name, tc := range map[string]struct {
		was                  *resource.Quantity
		size, capacity, want string
		pending              bool
	}{
		"no volume yet":                      {nil, "10Gi", "0", "", true},
		"a claim that lost its volume":       {nil, "10Gi", "10Gi", "", true},
		"a claim that is pending again":      {&ten, "12Gi", "16Gi", "10Gi", true},
		"a volume of that size":              {nil, "10Gi", "10Gi", "10Gi", false},
		"a volume that was rounded up":       {nil, "10Gi", "16Gi", "10Gi", false},
		"an expansion in progress":           {&ten, "20Gi", "10Gi", "10Gi", false},
		"a completed expansion":              {&ten, "20Gi", "20Gi", "20Gi", false},
		"the space from rounding up is used": {&ten, "12Gi", "16Gi", "12Gi", false},
		"another spelling":                   {&ten, "10240Mi", "10Gi", "10Gi", false},
	} {
		t.Run(name, func(t *testing.T) {
			es := &v1alpha1.EventStore{Status: v1alpha1.EventStoreStatus{GrantedSize: tc.was}}
			es.Spec.Backend.Embedded = &v1alpha1.EmbeddedBackend{Storage: v1alpha1.StoreStorage{Size: resource.MustParse(tc.size)}}
			in := resources.EventStoreInput{Store: es, ClaimPending: tc.pending, ClaimCapacity: resource.MustParse(tc.capacity)}
			got := in.Granted()
			if tc.want == "" {
				require.Nil(t, got)
				return
			}
			require.Equal(t, tc.want, got.String())
		})
	}
}

func TestClaimNeverShrinks(t *testing.T) {
	f := loadFixture(t, "testdata/eventstore-minimal.in.yaml")
	for _, tc := range []struct {
		live, capacity string
		pending        bool
		want           string
	}{
		{"0", "0", false, "10Gi"},
		{"5Gi", "5Gi", false, "10Gi"},
		{"5Gi", "0", true, "5Gi"},
		{"20Gi", "20Gi", false, "20Gi"},
		{"20Gi", "0", true, "20Gi"},
		{"20Gi", "5Gi", false, "10Gi"},  // requested in vain, and decreased again
		{"20Gi", "10Gi", false, "20Gi"}, // the API server refuses a size smaller than that of the volume
		{"20Gi", "12Gi", false, "20Gi"},
		{"10Gi", "12Gi", false, "10Gi"},
	} {
		children, err := resources.EventStoreChildren(resources.EventStoreInput{
			Store: f.stores[0], Rollout: testRollout, Material: f.material(t),
			ClaimSize: resource.MustParse(tc.live), ClaimPending: tc.pending,
			ClaimCapacity: resource.MustParse(tc.capacity),
		})
		require.NoError(t, err)
		for _, child := range children {
			if child.GVK.Kind != "PersistentVolumeClaim" {
				continue
			}
			object, err := child.Unstructured()
			require.NoError(t, err)
			require.Contains(t, string(mustYAML(t, object.Object["spec"])), "storage: "+tc.want)
			require.True(t, resources.Adoptable(v1alpha1.EventStoreKind, "default", object))
			require.False(t, resources.Adoptable(v1alpha1.EventStoreKind, "other", object))
			require.NotContains(t, object.GetLabels(), resources.LabelInstance, "Argo CD may prune by it")
			object.SetOwnerReferences([]metav1.OwnerReference{{Kind: "Other", Name: "x", UID: "y", Controller: new(true)}})
			require.False(t, resources.Adoptable(v1alpha1.EventStoreKind, "default", object), "it has a controller")
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

// Ingestion pods and analysis jobs keep their Secrets.
func TestNewEpochRestartsOnlyTheStore(t *testing.T) {
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
