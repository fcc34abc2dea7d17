// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// samples reads the shipped samples of one kind.
func samples(t *testing.T, kind string) []*unstructured.Unstructured {
	t.Helper()
	files, err := filepath.Glob("../../config/samples/*.yaml")
	require.NoError(t, err)
	slices.Sort(files)
	var out []*unstructured.Unstructured
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		u := &unstructured.Unstructured{}
		require.NoError(t, yaml.Unmarshal(b, &u.Object), f)
		if u.GetKind() == kind {
			out = append(out, u)
		}
	}
	require.NotEmpty(t, out, "no sample of kind %s", kind)
	return out
}

// kinds in the order in which one would apply them by hand.
var kinds = []string{"EventStore", "TouchpointSource", "JourneyMap", "MetricReport"}

// apply creates all samples of the kinds in their order.
func (w *world) apply(order ...string) {
	w.t.Helper()
	for _, kind := range order {
		for _, u := range samples(w.t, kind) {
			w.create(u)
		}
	}
}

func (w *world) create(obj client.Object) {
	w.t.Helper()
	obj.SetNamespace(w.namespace)
	require.NoError(w.t, api.Create(ctx(w.t), obj), "%s", obj.GetName())
}
