// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// find gives the first document that has a value at a path of the schema, the path in the document, and the value.
func find(t *testing.T, docs, path []string) (doc string, at []string, value any, found bool) {
	t.Helper()
	for _, doc := range docs {
		if at, value, found := findIn(load(t, doc).Object, path); found {
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

// field writes a path of a document as the API server does: spec.stages[0].name.
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

// messagesAt gives what the API server says against the value at a path, apart from CEL rules on it; empty when it accepts it.
func messagesAt(t *testing.T, obj *unstructured.Unstructured, at []string) []string {
	t.Helper()
	err := create(t.Context(), obj)
	if err == nil {
		return nil
	}
	var messages []string
	for _, c := range causes(t, err) {
		if c.Field == field(at) {
			messages = append(messages, c.Message)
		}
	}
	return messages
}

func TestRequiredFields(t *testing.T) {
	for kind, root := range schemas(t) {
		docs := documents(t, kind)
		require.Contains(t, root.Required, "spec")
		walk(root.Properties["spec"], []string{"spec"}, func(path []string, s schema) {
			for _, name := range s.Required {
				t.Run(kind+"/"+dotted(path)+"/"+name, func(t *testing.T) {
					doc, at, _, found := find(t, docs, append(slices.Clone(path), name))
					require.True(t, found, "no document in testdata has it")
					obj := load(t, doc)
					set(t, obj.Object, at, nil)
					got := messagesAt(t, obj, at)
					require.Len(t, got, 1)
					require.Contains(t, got[0], "Required value")
				})
			}
		})
	}
}
