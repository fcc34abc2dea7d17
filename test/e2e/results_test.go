// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// requireFunnel waits for results of the map's generation and wants the customers who entered each stage.
func (tm *team) requireFunnel(name string, want []int64) *v1alpha1.JourneyMap {
	tm.t.Helper()
	var jm v1alpha1.JourneyMap
	tm.eventually("results of "+name, func() error {
		tm.get(name, &jm)
		if jm.Status.Trace.Analysis == nil || jm.Status.Trace.Analysis.Generation != jm.Generation {
			return fmt.Errorf("no results of generation %d yet: %+v", jm.Generation, jm.Status.Trace.LastRun)
		}
		return nil
	})
	got := entered(&jm)
	require.Equal(tm.t, want, got, "customers who entered each stage")
	for i, s := range jm.Status.Stages {
		require.Equal(tm.t, s.Entered, s.Converted+s.Dropped, "entered = converted + dropped in stage %s", s.Name)
		if i > 0 {
			require.Equal(tm.t, s.Entered, jm.Status.Stages[i-1].Converted)
		}
	}
	return &jm
}

func entered(jm *v1alpha1.JourneyMap) []int64 {
	out := make([]int64, 0, len(jm.Status.Stages))
	for _, s := range jm.Status.Stages {
		out = append(out, s.Entered)
	}
	return out
}

// requireKubectlGet wants the fields in the row that kubectl get prints for the map.
func (tm *team) requireKubectlGet(name string, fields ...string) {
	tm.t.Helper()
	out, err := kubectl("-n", tm.namespace, "get", "journeymaps", name, "--no-headers")
	require.NoError(tm.t, err)
	tm.t.Log(out)
	row := strings.Fields(out)
	for _, f := range fields {
		require.True(tm.t, slices.Contains(row, f), "%q is not in the row %q", f, out)
	}
}
