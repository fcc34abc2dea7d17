// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// ofEveryKind returns the pods of all four kinds, from an operator with these defaults.
func ofEveryKind(t *testing.T, d resources.PodDefaults) map[string]corev1.PodTemplateSpec {
	t.Helper()
	pods := map[string]corev1.PodTemplateSpec{}
	for _, path := range fixtures(t) {
		f := loadFixture(t, path)
		f.pods = d
		for _, w := range workloads(t, f.children(t)) {
			pods[f.parent+" "+w.kind+" of "+path] = w.template
		}
	}
	require.Greater(t, len(pods), 4)
	return pods
}

// The pods of all kinds have their own pull secrets and those of the operator, without duplicates.
func TestEveryPodHasTheOperatorsPullSecrets(t *testing.T) {
	with := ofEveryKind(t, resources.PodDefaults{ImagePullSecrets: []string{"registry", "mirror"}})
	for name, plain := range ofEveryKind(t, resources.PodDefaults{}) {
		want := []corev1.LocalObjectReference{{Name: "registry"}, {Name: "mirror"}}
		for _, own := range plain.Spec.ImagePullSecrets {
			if own.Name != "registry" && own.Name != "mirror" {
				want = append(want, own)
			}
		}
		require.Equal(t, want, with[name].Spec.ImagePullSecrets, name)
	}
}

// Pods have nothing that OpenShift's default constraints refuse, and a user on other platforms.
func TestPlatformSetsTheUser(t *testing.T) {
	for name, pod := range ofEveryKind(t, resources.PodDefaults{User: resources.PodUserPlatform}) {
		security := pod.Spec.SecurityContext
		require.Nil(t, security.RunAsUser, name)
		require.Nil(t, security.RunAsGroup, name)
		require.Nil(t, security.FSGroup, name)
		require.True(t, *security.RunAsNonRoot, name)
	}
	for name, pod := range ofEveryKind(t, resources.PodDefaults{}) {
		require.EqualValues(t, 65532, *pod.Spec.SecurityContext.RunAsUser, name)
	}
}

// A changed default of the operator updates pods, and another order of names restarts nothing.
func TestPodDefaultsReachPodsOfEarlierReleases(t *testing.T) {
	in := sourceInput(t)
	made := deploymentOf(t, in)
	renewed := func(d resources.PodDefaults) bool {
		changed := in
		changed.Pods = d
		got, err := resources.ChooseRollout(changed, made, next(nil))
		require.NoError(t, err)
		return got.UpdateAvailable == ""
	}
	require.False(t, renewed(resources.PodDefaults{}))
	require.False(t, renewed(resources.PodDefaults{User: resources.PodUserFixed}), "that is the default")
	require.True(t, renewed(resources.PodDefaults{User: resources.PodUserPlatform}))
	require.True(t, renewed(resources.PodDefaults{ImagePullSecrets: []string{"registry"}}))

	in.Pods = resources.PodDefaults{ImagePullSecrets: []string{"registry", "mirror"}}
	made = deploymentOf(t, in)
	require.False(t, renewed(resources.PodDefaults{ImagePullSecrets: []string{"mirror", "registry"}}))
}
