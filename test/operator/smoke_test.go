// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/smoke"
)

// TestInstallationTest asks for a sign of life with and without an operator, and wants nothing to be left of it.
func TestInstallationTest(t *testing.T) {
	w := newWorld(t)
	maps := func() int {
		var list v1alpha1.JourneyMapList
		require.NoError(t, api.List(ctx(t), &list, client.InNamespace(w.namespace)))
		return len(list.Items)
	}
	short, end := context.WithCancel(ctx(t))
	failed := make(chan error, 1)
	go func() {
		_, err := smoke.Check(short, api, w.namespace)
		failed <- err
	}()
	for deadline := time.Now().Add(patience); maps() == 0 && len(failed) == 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	end()
	require.ErrorContains(t, <-failed, "the operator has not written its status")
	require.Zero(t, maps())

	w.start()
	long, cancel := context.WithTimeout(ctx(t), patience)
	defer cancel()
	said, err := smoke.Check(long, api, w.namespace)
	require.NoError(t, err)
	require.Contains(t, said, "of-the-installation-test")

	require.Zero(t, maps())
}
