// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// find returns the first document with a value at a path of the schema, the path in that document, and the value.
func find(docs, path []string) (doc string, at []string, value any, found bool) {
	GinkgoHelper()
	for _, doc := range docs {
		if at, value, found := findIn(load(doc).Object, path); found {
			return doc, at, value, true
		}
	}
	return "", nil, nil, false
}

func findIn(node any, path []string) (at []string, value any, found bool) {
	if len(path) == 0 {
		return nil, node, true
	}
	var steps []string
	children := map[string]any{}
	switch n := node.(type) {
	case map[string]any:
		children = n
		steps = []string{path[0]}
		if path[0] == anyKey {
			steps = slices.Sorted(maps.Keys(n))
		}
	case []any:
		for i, item := range n {
			steps = append(steps, strconv.Itoa(i))
			children[strconv.Itoa(i)] = item
		}
	}
	for _, step := range steps {
		child, there := children[step]
		if !there {
			continue
		}
		if at, value, found := findIn(child, path[1:]); found {
			return append([]string{step}, at...), value, true
		}
	}
	return nil, nil, false
}

// field formats a path of a document like the API server: spec.stages[0].name.
func field(at []string) string {
	var b strings.Builder
	for i, step := range at {
		if _, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + step + "]")
			continue
		}
		if i > 0 {
			b.WriteString(".")
		}
		b.WriteString(step)
	}
	return b.String()
}

// messagesAt returns the messages of the API server about the value at a path, except those of CEL rules. It is empty if the value is accepted.
func messagesAt(ctx context.Context, obj *unstructured.Unstructured, at []string) []string {
	GinkgoHelper()
	err := create(ctx, obj)
	if err == nil {
		return nil
	}
	var messages []string
	for _, c := range causes(err) {
		if c.Field == field(at) {
			messages = append(messages, c.Message)
		}
	}
	return messages
}

var _ = Describe("A required field", suite.Fast, func() {
	all := schemas()
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		root, docs := all[kind], documents(kind)
		It("of a kind is its spec: "+kind, func() { Expect(root.Required).To(ContainElement("spec")) })
		walk(root.Properties["spec"], []string{"spec"}, func(path []string, s schema) {
			for _, name := range s.Required {
				It("cannot be missing: "+kind+"/"+dotted(path)+"/"+name, func(ctx SpecContext) {
					doc, at, _, found := find(docs, append(slices.Clone(path), name))
					Expect(found).To(BeTrue(), "no document in testdata has it")
					obj := load(doc)
					set(obj.Object, at, nil)
					got := messagesAt(ctx, obj, at)
					Expect(got).To(HaveLen(1))
					Expect(got[0]).To(ContainSubstring("Required value"))
				})
			}
		})
	}
})
