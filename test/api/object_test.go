// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// load reads a document of testdata.
func load(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".yaml"))
	require.NoError(t, err)
	obj := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal(raw, &obj.Object))
	return obj
}

// edits say what to change in a document: values by path, such as spec.stages.0.name; nil removes.
type edits map[string]any

// apply makes the edits in the order of their paths, so that a parent comes before its children.
func (e edits) apply(t *testing.T, obj *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(e)) {
		set(t, obj.Object, strings.Split(path, "."), e[path])
	}
	return obj
}

// set changes the value at a path below node.
func set(t *testing.T, node any, path []string, value any) {
	t.Helper()
	switch n := node.(type) {
	case map[string]any:
		switch {
		case len(path) > 1:
			if n[path[0]] == nil {
				n[path[0]] = map[string]any{}
			}
			set(t, n[path[0]], path[1:], value)
		case value == nil:
			delete(n, path[0])
		default:
			n[path[0]] = value
		}
	case []any:
		i, err := strconv.Atoi(path[0])
		require.NoError(t, err, "an index into a list")
		require.Less(t, i, len(n), "an index into a list")
		if len(path) == 1 {
			n[i] = value
			return
		}
		set(t, n[i], path[1:], value)
	default:
		t.Fatalf("there is nothing below %T at %v", node, path)
	}
}

// causes of a refusal; it fails the test when err is no refusal of an invalid object.
func causes(t *testing.T, err error) []metav1.StatusCause {
	t.Helper()
	require.Error(t, err)
	require.True(t, apierrors.IsInvalid(err), "want a refusal as invalid, got: %v", err)
	var status *apierrors.StatusError
	require.True(t, errors.As(err, &status))
	return status.ErrStatus.Details.Causes
}
