// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// samples reads config/samples by its kustomization: every file that it lists, and no file that it does not.
func samples(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	dir := "../../config/samples"
	raw, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	require.NoError(t, err)
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &kustomization))
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	require.Len(t, files, len(kustomization.Resources)+1, "the kustomization lists every file")
	var objects []*unstructured.Unstructured
	for _, name := range kustomization.Resources {
		objects = append(objects, documentsOf(t, filepath.Join(dir, name))...)
	}
	return objects
}

// documentsOf reads the YAML documents of a file.
func documentsOf(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(raw), 4096)
	var objects []*unstructured.Unstructured
	for {
		obj := &unstructured.Unstructured{}
		err := decoder.Decode(&obj.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		require.NoError(t, err, file)
		require.Empty(t, obj.GetNamespace(), "%s: the namespace is the user's choice", file)
		objects = append(objects, obj)
	}
}

// Each sample is accepted as it stands, and comes back as it was written.
func TestSamplesRoundTrip(t *testing.T) {
	namespace := &corev1.Namespace{}
	namespace.GenerateName = "samples-"
	require.NoError(t, api.Create(t.Context(), namespace))
	t.Cleanup(func() { require.NoError(t, api.Delete(context.Background(), namespace)) })
	kinds := map[string]int{}
	for _, sample := range samples(t) {
		kinds[sample.GetKind()]++
		t.Run(sample.GetKind()+"/"+sample.GetName(), func(t *testing.T) {
			stored := sample.DeepCopy()
			stored.SetNamespace(namespace.Name)
			require.NoError(t, api.Create(t.Context(), stored))
			if sample.GetKind() == "Secret" {
				return
			}
			require.NoError(t, api.Get(t.Context(), client.ObjectKeyFromObject(stored), stored))
			require.Empty(t, cmp.Diff(asJSON(t, sample.Object["spec"]), asJSON(t, stored.Object["spec"])), "nothing is defaulted, dropped or changed")
			require.NotContains(t, stored.Object, "status")
			rewritten(t, stored)
		})
	}
	require.Equal(t, map[string]int{"Secret": 6, "EventStore": 1, "TouchpointSource": 5, "JourneyMap": 1, "MetricReport": 1}, kinds)
}

// asJSON gives a value as it is after a way through JSON, so that all numbers have one type.
func asJSON(t *testing.T, value any) any {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	var same any
	require.NoError(t, json.Unmarshal(raw, &same))
	return same
}

// rewritten reads the object as its Go type and writes it back: nothing changes, so the resourceVersion stays.
func rewritten(t *testing.T, stored *unstructured.Unstructured) {
	t.Helper()
	scheme := runtime.NewScheme()
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	made, err := scheme.New(stored.GroupVersionKind())
	require.NoError(t, err)
	typed, ok := made.(client.Object)
	require.True(t, ok)
	require.NoError(t, api.Get(t.Context(), client.ObjectKeyFromObject(stored), typed))
	before := typed.GetResourceVersion()
	require.NoError(t, api.Update(t.Context(), typed))
	require.Equal(t, before, typed.GetResourceVersion(), "the Go type loses or adds something")
}
