// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// operatorAccount is the account that config/policy restricts.
const operatorAccount = "system:serviceaccount:journeyman-system:journeyman-operator"

// Creates and applies all children of all fixtures, with all defaults of an operator, as the operator's account and under config/policy. The policies
// refuse nothing that a user can configure.
func TestPoliciesAllowAllChildren(t *testing.T) {
	config := apiServer(t)
	admin, operator := clientOf(t, config, ""), clientOf(t, config, operatorAccount)
	underPolicies(t, admin, operator)
	for _, defaults := range []resources.PodDefaults{{}, {ImagePullSecrets: []string{"registry", "mirror"}}, {User: resources.PodUserPlatform}} {
		for _, path := range fixtures(t) {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "policy-"}}
			require.NoError(t, admin.Create(t.Context(), namespace))
			f := loadFixture(t, path)
			f.pods = defaults
			f.inNamespace(namespace.Name)
			again := f.children(t)
			for i, child := range f.children(t) {
				touched := createOrApply(t, operator, child)
				touch(t, admin, touched)
				createOrApply(t, operator, again[i])
			}
		}
	}
}

// A source that reads a volume can neither write to it nor read the data of a store.
func TestPoliciesDenyClaims(t *testing.T) {
	config := apiServer(t)
	admin, operator := clientOf(t, config, ""), clientOf(t, config, operatorAccount)
	underPolicies(t, admin, operator)
	f := loadFixture(t, filepath.Join("testdata", "touchpointsource-volume.in.yaml"))
	f.inNamespace("default")
	for _, child := range f.children(t) {
		object, err := child.Unstructured()
		require.NoError(t, err)
		if object.GetKind() != "Deployment" {
			continue
		}
		require.NoError(t, operator.Create(t.Context(), object.DeepCopy(), client.DryRunAll))
		for _, claim := range []map[string]any{
			{"claimName": "till-exports"}, {"claimName": "till-exports", "readOnly": false}, {"claimName": "default-store", "readOnly": true},
		} {
			changed := object.DeepCopy()
			volumes, _, err := unstructured.NestedSlice(changed.Object, "spec", "template", "spec", "volumes")
			require.NoError(t, err)
			for _, v := range volumes {
				if v := v.(map[string]any); v["persistentVolumeClaim"] != nil {
					v["persistentVolumeClaim"] = claim
				}
			}
			require.NoError(t, unstructured.SetNestedSlice(changed.Object, volumes, "spec", "template", "spec", "volumes"))
			require.ErrorContains(t, operator.Create(t.Context(), changed, client.DryRunAll), "a claim that it only reads", claim)
		}
	}
}

// The administrator of a namespace can allow pods what the policies deny, and can exclude the operator.
func TestNamespacesCanAllowExceptions(t *testing.T) {
	config := apiServer(t)
	admin, operator := clientOf(t, config, ""), clientOf(t, config, operatorAccount)
	underPolicies(t, admin, operator)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "loose"}}
	require.NoError(t, admin.Create(t.Context(), namespace))
	f := loadFixture(t, filepath.Join("testdata", "touchpointsource-full.in.yaml"))
	f.inNamespace("loose")
	for _, x := range []struct {
		label, value string
		pod          v1alpha1.PodOptions
	}{
		{"policy.journeyman.dev/service-labels", "allow", v1alpha1.PodOptions{Labels: map[string]string{"app": "shop"}}},
		{"policy.journeyman.dev/control-plane", "allow", v1alpha1.PodOptions{Tolerations: []v1alpha1.Toleration{{Operator: "Exists"}}}},
		{"policy.journeyman.dev/control-plane", "allow", v1alpha1.PodOptions{Tolerations: []v1alpha1.Toleration{{
			Key: "node-role.kubernetes.io/control-plane", Operator: "Exists",
		}}}},
	} {
		f.sources[0].Spec.Pod = &x.pod
		namespace.Labels = nil
		require.NoError(t, admin.Update(t.Context(), namespace))
		require.Eventually(t, func() bool {
			err := tryAll(t, operator, f.children(t))
			return err != nil && strings.Contains(err.Error(), x.label+": "+x.value)
		}, time.Minute, 100*time.Millisecond, "the message names the label")
		namespace.Labels = map[string]string{x.label: x.value}
		require.NoError(t, admin.Update(t.Context(), namespace))
		require.Eventually(t, func() bool { return tryAll(t, operator, f.children(t)) == nil }, time.Minute, 100*time.Millisecond, x.label)
	}
	namespace.Labels["policy.journeyman.dev/operator"] = "deny"
	require.NoError(t, admin.Update(t.Context(), namespace))
	require.Eventually(t, func() bool {
		err := tryAll(t, operator, f.children(t))
		return err != nil && strings.Contains(err.Error(), "may not write to this namespace")
	}, time.Minute, 100*time.Millisecond)
}

// tryAll applies the children in a dry run, and returns the first error.
func tryAll(t *testing.T, c client.Client, children []resources.Child) error {
	t.Helper()
	for _, child := range children {
		object, err := child.Unstructured()
		require.NoError(t, err)
		if err := c.Create(t.Context(), object, client.DryRunAll); err != nil {
			return err
		}
	}
	return nil
}

// underPolicies grants the operator's account all permissions in the cluster, restricted only by config/policy.
func underPolicies(t *testing.T, admin, operator client.Client) {
	t.Helper()
	setUp(t, admin, manifests(t, "policy", "default"))
	require.NoError(t, admin.Create(t.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "all-rights"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: operatorAccount}},
	}))
	awaitPolicies(t, operator)
}

// touch changes an object like users and platforms do. The changes stay, and do not block the operator.
func touch(t *testing.T, admin client.Client, o *unstructured.Unstructured) {
	t.Helper()
	labels := o.GetLabels()
	labels["team"] = "shop"
	o.SetLabels(labels)
	o.SetFinalizers(append(o.GetFinalizers(), "example.com/kept"))
	annotations := map[string]string{"example.com/note": "kept"}
	for k, v := range o.GetAnnotations() {
		annotations[k] = v
	}
	o.SetAnnotations(annotations)
	switch o.GetKind() {
	case "Deployment", "StatefulSet":
		require.NoError(t, unstructured.SetNestedField(o.Object, "shop", "spec", "template", "metadata", "labels", "app"))
	case "ServiceAccount":
		require.NoError(t, unstructured.SetNestedSlice(o.Object, []any{map[string]any{"name": "pull"}}, "imagePullSecrets"))
		require.NoError(t, unstructured.SetNestedSlice(o.Object, []any{map[string]any{"name": "pull"}}, "secrets"))
	}
	require.NoError(t, admin.Update(t.Context(), o, client.FieldOwner("kubectl-edit")), "%s %s", o.GetKind(), o.GetName())
}

// awaitPolicies waits until each policy is enforced, shortly after it is created.
func awaitPolicies(t *testing.T, operator client.Client) {
	t.Helper()
	f := loadFixture(t, filepath.Join("testdata", "touchpointsource-full.in.yaml"))
	f.inNamespace("default")
	kinds := map[string]*unstructured.Unstructured{}
	for _, child := range f.children(t) {
		object, err := child.Unstructured()
		require.NoError(t, err)
		kinds[object.GetKind()] = object
	}
	for _, evil := range []struct {
		policy, kind string
		value        any
		field        []string
	}{
		{"objects", "ConfigMap", "stolen", []string{"metadata", "name"}},
		{"metadata", "ConfigMap", "1", []string{"metadata", "labels", "grafana_dashboard"}},
		{"pods", "Deployment", true, []string{"spec", "template", "spec", "hostNetwork"}},
		{"selectors", "Deployment", "shop", []string{"spec", "template", "metadata", "labels", "app"}},
		{"access", "ServiceAccount", true, []string{"automountServiceAccountToken"}},
	} {
		object := kinds[evil.kind].DeepCopy()
		require.NoError(t, unstructured.SetNestedField(object.Object, evil.value, evil.field...))
		require.Eventually(t, func() bool {
			err := operator.Create(t.Context(), object.DeepCopy(), client.DryRunAll)
			return err != nil && strings.Contains(err.Error(), "ValidatingAdmissionPolicy 'journeyman-operator-"+evil.policy+"'")
		}, time.Minute, 100*time.Millisecond, evil.policy)
	}
}
