// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// ignored are changes that count as changed inputs, but do not change the template: labels that users cannot set, an explicit default value, and
// another namespace or name, which an existing object cannot get.
var ignored = map[string]bool{
	`.spec.pod.labels.app.kubernetes.io/name`: true, `.spec.pod.labels.app.kubernetes.io/name gone`: true,
	`.metadata.namespace`: true, `.metadata.namespace gone`: true,
	`.spec.pod.tolerations[1].operator gone`: true,
	`.spec.pod.labels.journeyman.dev/kind`:   true, `.spec.pod.labels.journeyman.dev/kind gone`: true,
}

// Changes every field of source and store, one at a time. A change that affects the pod template must count as a changed input, or it would never
// reach the pods of the previous release. Any other change must not, or it would restart them.
func TestChangesOfTheTemplateAreInputs(t *testing.T) {
	t.Run("few options", func(t *testing.T) {
		base := func() resources.TouchpointSourceInput { return sourceInput(t) }
		require.Greater(t, eachChangeOfSource(t, base, ignored), 15, "pod options, Secret, pepper, and scaling, which changes the requests")
	})
	t.Run("every option", func(t *testing.T) {
		base := func() resources.TouchpointSourceInput {
			in := sourceInput(t)
			in.Source.Spec.Pod = in.Store.Spec.Pod.DeepCopy()
			return in
		}
		fixed := maps.Clone(ignored) // explicit requests of the user replace the ones that depend on scaling
		fixed[".spec.scaling gone"], fixed[".spec.scaling.maxReplicas gone"] = true, true
		require.Greater(t, eachChangeOfSource(t, base, fixed), 40)
	})
}

// eachChangeOfSource returns the number of changes that changed the template.
func eachChangeOfSource(t *testing.T, base func() resources.TouchpointSourceInput, ignored map[string]bool) (templates int) {
	made := deploymentOf(t, base())
	check := func(change string, in resources.TouchpointSourceInput) {
		same := cmp.Equal(made.Spec.Template, deploymentOf(t, in).Spec.Template)
		requireInput(t, in, made, same, ignored[change], change)
		if !same {
			templates++
		}
	}
	eachChange(fieldsOf(t, base().Source), "", func(change string, fields any) {
		in := base()
		if readInto(fields, &in.Source) {
			check(change, in)
		}
	})
	eachChange(fieldsOf(t, base().Store), "", func(change string, fields any) {
		in := base()
		if readInto(fields, &in.Store) {
			check("store"+change, in)
		}
	})
	return templates
}

// requireInput requires that a change updates the pods of the previous release exactly if it changes their template.
func requireInput(t *testing.T, in resources.WorkloadInput, made metav1.Object, same, ignored bool, change string) {
	t.Helper()
	got, err := resources.ChooseRollout(in, made, next(nil))
	require.NoError(t, err)
	renewed := got.UpdateAvailable == ""
	if same {
		require.Equal(t, ignored, renewed, "%s leaves the template as it is, so it should restart nothing", change)
		return
	}
	require.True(t, renewed, "%s changes the template, and would not reach running pods", change)
}

// The same for the store's own pod.
func TestChangesOfTheStoreTemplateAreInputs(t *testing.T) {
	f := loadFixture(t, "testdata/eventstore-full.in.yaml")
	in := resources.EventStoreInput{Store: f.stores[0], Material: f.material(t), Rollout: testRollout}
	made := statefulSetOf(t, in)
	templates := 0
	eachChange(fieldsOf(t, in.Store), "", func(change string, fields any) {
		in := in
		in.Store = nil
		if !readInto(fields, &in.Store) || in.Store.Spec.Backend.Embedded == nil {
			return
		}
		same := cmp.Equal(made.Spec.Template, statefulSetOf(t, in).Spec.Template)
		requireInput(t, in, made, same, ignored[change], change)
		if !same {
			templates++
		}
	})
	require.Greater(t, templates, 40, "the fixture has every pod option")
}

func fieldsOf(t *testing.T, object any) any {
	t.Helper()
	b, err := json.Marshal(object)
	require.NoError(t, err)
	var fields any
	require.NoError(t, json.Unmarshal(b, &fields))
	return fields
}

// readInto returns false if the fields do not form an object of this type.
func readInto[T any](fields any, into **T) bool {
	b, err := json.Marshal(fields)
	object := new(T)
	if err != nil || json.Unmarshal(b, object) != nil {
		return false
	}
	*into = object
	return true
}

// eachChange visits the fields of a document, with one of them removed or changed at a time.
func eachChange(root any, at string, visit func(change string, root any)) {
	var walk func(v any, at string)
	walk = func(v any, at string) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				was, path := v[k], at+"."+k
				delete(v, k)
				visit(path+" gone", root)
				for _, other := range others(was) {
					v[k] = other
					visit(path, root)
				}
				v[k] = was
				walk(was, path)
			}
		case []any:
			for i, was := range v {
				path := fmt.Sprintf("%s[%d]", at, i)
				for _, other := range others(was) {
					v[i] = other
					visit(path, root)
				}
				v[i] = was
				walk(was, path)
			}
		}
	}
	walk(root, at)
}

// others returns values other than that of a leaf.
func others(leaf any) []any {
	switch leaf := leaf.(type) {
	case string:
		return []any{leaf + "x", "7" + leaf}
	case float64:
		return []any{leaf + 1}
	case bool:
		return []any{!leaf}
	default:
		return nil
	}
}
