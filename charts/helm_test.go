// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package charts_test tests the Helm chart with Helm: with golden files, its schema, and config/.
package charts_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	chart     = "journeyman"
	release   = "journeyman"
	namespace = "journeyman-system"
)

// program returns the path of a developer tool that hack/tools builds, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "bin", name))
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("bin/%s is not there: run hack/tools/build.sh %s", name, name)
	}
	return path
}

// helm runs Helm without the user's configuration.
func helm(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return helmOf(t, program(t, "helm"), args...)
}

func helmOf(t *testing.T, path string, args ...string) (string, error) {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home, "KUBECONFIG="+filepath.Join(home, "none"))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("helm %s: %w: %s", strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// template renders the chart.
func template(t *testing.T, args ...string) []*unstructured.Unstructured {
	t.Helper()
	out, err := helm(t, append([]string{"template", release, chart, "--namespace", namespace}, args...)...)
	require.NoError(t, err)
	return objects(t, out)
}

// objects reads a stream of YAML documents.
func objects(t *testing.T, stream string) []*unstructured.Unstructured {
	t.Helper()
	var list []*unstructured.Unstructured
	for document := range strings.SplitSeq("\n"+stream, "\n---") {
		object := &unstructured.Unstructured{}
		require.NoError(t, yaml.UnmarshalStrict([]byte(document), &object.Object), document)
		if len(object.Object) > 0 {
			list = append(list, object)
		}
	}
	require.NotEmpty(t, list)
	return list
}

// find returns the single object of a kind and name.
func find(t *testing.T, list []*unstructured.Unstructured, kind, name string) *unstructured.Unstructured {
	t.Helper()
	for _, o := range list {
		if o.GetKind() == kind && o.GetName() == name {
			return o
		}
	}
	t.Fatalf("no %s %s", kind, name)
	return nil
}
