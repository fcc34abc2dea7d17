// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// load reads a document of testdata.
func load(name string) *unstructured.Unstructured {
	obj := &unstructured.Unstructured{}
	must0(yaml.Unmarshal(must(os.ReadFile(filepath.Join("testdata", name+".yaml"))), &obj.Object))
	return obj
}

// must returns the value, or panics. It is for files that specs are generated from.
func must[T any](v T, err error) T {
	must0(err)
	return v
}

func must0(err error) {
	if err != nil {
		panic(err)
	}
}

// edits are changes of a document: values by path, such as spec.stages.0.name. nil removes the field.
type edits map[string]any

// apply applies the edits in the order of their paths, so that parents come before their children.
func (e edits) apply(obj *unstructured.Unstructured) *unstructured.Unstructured {
	GinkgoHelper()
	for _, path := range slices.Sorted(maps.Keys(e)) {
		set(obj.Object, strings.Split(path, "."), e[path])
	}
	return obj
}

// set changes the value at a path below node.
func set(node any, path []string, value any) {
	GinkgoHelper()
	switch n := node.(type) {
	case map[string]any:
		switch {
		case len(path) > 1:
			if n[path[0]] == nil {
				n[path[0]] = map[string]any{}
			}
			set(n[path[0]], path[1:], value)
		case value == nil:
			delete(n, path[0])
		default:
			n[path[0]] = value
		}
	case []any:
		i, err := strconv.Atoi(path[0])
		Expect(err).NotTo(HaveOccurred(), "an index into a list")
		Expect(i).To(BeNumerically("<", len(n)), "an index into a list")
		if len(path) == 1 {
			n[i] = value
			return
		}
		set(n[i], path[1:], value)
	default:
		Fail(fmt.Sprintf("there is nothing below %T at %v", node, path))
	}
}

// causes returns the causes of an error for an invalid object. It fails the test for any other error.
func causes(err error) []metav1.StatusCause {
	GinkgoHelper()
	Expect(err).To(HaveOccurred())
	Expect(apierrors.IsInvalid(err)).To(BeTrue(), "want a refusal as invalid, got: %v", err)
	var status *apierrors.StatusError
	Expect(errors.As(err, &status)).To(BeTrue())
	return status.ErrStatus.Details.Causes
}
