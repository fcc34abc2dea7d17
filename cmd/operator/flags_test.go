// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

func TestFlagsOfPods(t *testing.T) {
	f, err := parse(nil)
	require.NoError(t, err)
	require.Equal(t, resources.PodDefaults{User: resources.PodUserFixed}, f.pods)

	f, err = parse([]string{"--image-pull-secrets= registry,mirror,", "--pod-user=Platform"})
	require.NoError(t, err)
	require.Equal(t, resources.PodDefaults{ImagePullSecrets: []string{"registry", "mirror"}, User: resources.PodUserPlatform}, f.pods)

	for _, wrong := range []string{"--pod-user=root", "--image-pull-secrets=My_Secret", "--rollout=Never"} {
		_, err := parse([]string{wrong})
		require.ErrorContains(t, err, wrong[:8])
	}
}
