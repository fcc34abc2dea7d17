// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// policyOf returns the network policy among children, or nil, and the labels of the pods that are created from them.
func policyOf(t *testing.T, children []resources.Child) (*networkingv1.NetworkPolicy, labels.Set) {
	t.Helper()
	var policy *networkingv1.NetworkPolicy
	var pods labels.Set
	for _, c := range children {
		u, err := c.Unstructured()
		require.NoError(t, err)
		if c.GVK.Kind == "NetworkPolicy" {
			policy = &networkingv1.NetworkPolicy{}
			require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, policy))
		}
		if template, ok := workloadTemplate(u.Object); ok {
			pods = template
		}
	}
	return policy, pods
}

// workloadTemplate returns the labels of the pods of a Deployment, a StatefulSet, a CronJob or a Job.
func workloadTemplate(object map[string]any) (labels.Set, bool) {
	spec, _ := object["spec"].(map[string]any)
	if job, ok := spec["jobTemplate"].(map[string]any); ok {
		spec, _ = job["spec"].(map[string]any)
	}
	template, ok := spec["template"].(map[string]any)
	if !ok {
		return nil, false
	}
	out := labels.Set{}
	for k, v := range template["metadata"].(map[string]any)["labels"].(map[string]any) {
		out[k] = v.(string)
	}
	return out, true
}

// A policy selects the pods of its own object, and its rules select the intended pods. A selector with a misspelt label would block everybody or
// nobody.
func TestPoliciesSelectTheIntendedPods(t *testing.T) {
	policies, pods := map[string]*networkingv1.NetworkPolicy{}, map[string]labels.Set{}
	for _, path := range fixtures(t) {
		f := loadFixture(t, path)
		f.network = bounded
		policies[f.parent], pods[f.parent] = policyOf(t, f.children(t))
		require.NotNil(t, policies[f.parent])
		require.True(t, chooses(t, &policies[f.parent].Spec.PodSelector, pods[f.parent]), "%s does not bound its own pods", path)
		for i, rule := range policies[f.parent].Spec.Ingress {
			require.Len(t, rule.Ports, 1)
			port := rule.Ports[0].Port.IntVal
			last := i == len(policies[f.parent].Spec.Ingress)-1
			require.Equal(t, last, port == podconfig.MetricsPort, path)
			require.NotContains(t, []int32{podconfig.ProbePort, podconfig.StoreAdminPort}, port, "the kubelet needs no rule, and an administrator has none")
			if last {
				require.Equal(t, bounded.MetricsFrom, rule.From)
			}
		}
	}
	for parent := range policies {
		for other := range pods {
			require.Equal(t, parent == other, chooses(t, &policies[parent].Spec.PodSelector, pods[other]), "%s bounds pods of %s", parent, other)
		}
	}
	store := policies[v1alpha1.EventStoreKind].Spec.Ingress[0].From[0]
	require.Nil(t, store.NamespaceSelector, "the store is for pods of its own namespace")
	for parent, p := range pods {
		require.Equal(t, parent != v1alpha1.EventStoreKind, chooses(t, store.PodSelector, p), parent)
	}
	require.False(t, chooses(t, store.PodSelector, labels.Set{"app": "stranger"}))
	for _, parent := range []string{v1alpha1.TouchpointSourceKind, v1alpha1.JourneyMapKind, v1alpha1.MetricReportKind} {
		to := policies[parent].Spec.Egress
		require.True(t, slices.ContainsFunc(to, func(r networkingv1.NetworkPolicyEgressRule) bool {
			return r.To[0].NamespaceSelector == nil && chooses(t, r.To[0].PodSelector, pods[v1alpha1.EventStoreKind])
		}), "%s does not reach its store", parent)
	}
}

func chooses(t *testing.T, s *metav1.LabelSelector, pod labels.Set) bool {
	t.Helper()
	if s == nil {
		return false
	}
	selector, err := metav1.LabelSelectorAsSelector(s)
	require.NoError(t, err)
	return selector.Matches(pod)
}

// What the operator permits is known to the pods, which check each connection.
func TestPodsKnowWhatSourcesMayAllow(t *testing.T) {
	in := sourceInput(t)
	in.Network.EgressPermitted = []string{"10.20.0.0/16"}
	_, c := ingestConfig(t, in)
	require.Equal(t, in.Network.EgressPermitted, c.EgressPermitted)
	in.Network.EgressPermitted = nil
	_, c = ingestConfig(t, in)
	require.Nil(t, c.EgressPermitted, "all private networks")
}

// Policies are optional. An operator that does not know its own namespace does not block its access to stores.
func TestPoliciesAreOptional(t *testing.T) {
	for _, path := range fixtures(t) {
		f := loadFixture(t, path)
		for _, mode := range []resources.PolicyMode{"", resources.PoliciesNone} {
			f.network = resources.Network{Mode: mode}
			policy, _ := policyOf(t, f.children(t))
			require.Nil(t, policy)
		}
		f.network = resources.Network{Mode: resources.PoliciesIngress}
		policy, _ := policyOf(t, f.children(t))
		require.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}, policy.Spec.PolicyTypes)
		if f.parent == v1alpha1.EventStoreKind {
			require.Empty(t, policy.Spec.Ingress[0].From)
		}
	}
}
