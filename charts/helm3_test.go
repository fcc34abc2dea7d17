// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package charts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// Helm 3, which many users still have, renders the same, and refuses what Helm 4 refuses.
func TestHelm3RendersTheSame(t *testing.T) {
	helm3 := program(t, "helm3")
	// A Helm that is built from its module assumes a very old version of Kubernetes.
	const version = "--kube-version=1.35.0"
	for _, values := range []string{"cluster", "namespaced", "everything"} {
		args := []string{"template", release, chart, "--namespace", namespace, "--values", "testdata/" + values + ".values.yaml", version}
		out, err := helmOf(t, helm3, args...)
		require.NoError(t, err)
		want := template(t, "--values", "testdata/"+values+".values.yaml")
		require.Empty(t, cmp.Diff(string(text(t, want)), string(text(t, objects(t, out)))))
	}
	out, err := helmOf(t, helm3, "lint", "--strict", chart, version)
	require.NoError(t, err, out)
	_, err = helmOf(t, helm3, "template", release, chart, "--set", "replicas=0", version)
	require.ErrorContains(t, err, "values don't meet the specifications of the schema")
}
