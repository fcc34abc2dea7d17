// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// workload is a child that runs pods.
type workload struct {
	kind     string
	template corev1.PodTemplateSpec
	selector *metav1.LabelSelector
}

func typed[T any](t *testing.T, child resources.Child) *T {
	t.Helper()
	object, err := child.Unstructured()
	require.NoError(t, err)
	into := new(T)
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, into, true), child.String())
	return into
}

func workloads(t *testing.T, children []resources.Child) []workload {
	t.Helper()
	var list []workload
	for _, child := range children {
		switch child.GVK.Kind {
		case "StatefulSet":
			o := typed[appsv1.StatefulSet](t, child)
			list = append(list, workload{child.GVK.Kind, o.Spec.Template, o.Spec.Selector})
		case "Deployment":
			o := typed[appsv1.Deployment](t, child)
			list = append(list, workload{child.GVK.Kind, o.Spec.Template, o.Spec.Selector})
		case "CronJob":
			list = append(list, workload{child.GVK.Kind, typed[batchv1.CronJob](t, child).Spec.JobTemplate.Spec.Template, nil})
		case "Job":
			list = append(list, workload{child.GVK.Kind, typed[batchv1.Job](t, child).Spec.Template, nil})
		}
	}
	return list
}

func TestPodsComplyWithTheRestrictedProfile(t *testing.T) {
	for _, path := range fixtures(t) {
		list := workloads(t, loadFixture(t, path).children(t))
		require.NotEmpty(t, list, path)
		for _, w := range list {
			requireRestricted(t, path+" "+w.kind, w.template)
		}
	}
}

// requireRestricted checks a pod like Pod Security admission.
func requireRestricted(t *testing.T, name string, pod corev1.PodTemplateSpec) {
	t.Helper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec))
	require.True(t, result.Allowed, "%s: %s", name, result.ForbiddenDetail())
}

func TestPods(t *testing.T) {
	for _, path := range fixtures(t) {
		for _, w := range workloads(t, loadFixture(t, path).children(t)) {
			name := path + " " + w.kind
			spec := w.template.Spec
			isJob := w.kind == "CronJob" || w.kind == "Job"
			require.Equal(t, isJob, *spec.AutomountServiceAccountToken, "%s: only jobs have a token", name)
			require.Len(t, spec.Containers, 1, name)
			container := spec.Containers[0]
			require.True(t, *container.SecurityContext.ReadOnlyRootFilesystem, name)
			limit, request := container.Resources.Limits[corev1.ResourceMemory], container.Resources.Requests[corev1.ResourceMemory]
			require.False(t, limit.IsZero(), name)
			require.False(t, request.IsZero(), name)
			require.LessOrEqual(t, request.Value(), limit.Value(), name)
			require.NotContains(t, container.Resources.Limits, corev1.ResourceCPU, name)
			for _, v := range spec.Volumes {
				require.Nil(t, v.EmptyDir, "%s: nothing writes outside of the store's volume", name)
			}
			if w.selector != nil {
				selector, err := metav1.LabelSelectorAsSelector(w.selector)
				require.NoError(t, err)
				require.True(t, selector.Matches(labelSet(w.template.Labels)), name)
				require.NotNil(t, container.ReadinessProbe, name)
				require.NotNil(t, container.LivenessProbe, name)
			}
		}
	}
}

type labelSet map[string]string

func (l labelSet) Has(k string) bool              { _, ok := l[k]; return ok }
func (l labelSet) Get(k string) string            { return l[k] }
func (l labelSet) Lookup(k string) (string, bool) { v, ok := l[k]; return v, ok }

// The names of all children are valid for parents with the longest name.
func TestNames(t *testing.T) {
	long := strings.Repeat("a", 40)
	for _, path := range fixtures(t) {
		f := loadFixture(t, path)
		for _, o := range f.stores {
			o.Name = long
		}
		for _, o := range f.sources {
			o.Name = long
		}
		for _, o := range f.maps {
			o.Name = long
		}
		for _, o := range f.reports {
			o.Name = long
		}
		for _, child := range f.children(t) {
			limit := 63
			if child.GVK.Kind == "CronJob" {
				limit = 52 // the controller adds eleven characters for each Job
			}
			require.LessOrEqual(t, len(child.Name), limit, child.String())
			require.Empty(t, validation.IsDNS1123Label(child.Name), child.String())
			object, err := child.Unstructured()
			require.NoError(t, err)
			for k, v := range object.GetLabels() {
				require.Empty(t, validation.IsQualifiedName(k))
				require.Empty(t, validation.IsValidLabelValue(v), k)
			}
		}
	}
}

// The selectors of a minimal and of a full spec of the same object are the same, because selectors are immutable.
func TestSelectorsDoNotChange(t *testing.T) {
	for minimal, full := range map[string]string{
		"testdata/eventstore-minimal.in.yaml":       "testdata/eventstore-full.in.yaml",
		"testdata/touchpointsource-minimal.in.yaml": "testdata/touchpointsource-full.in.yaml",
	} {
		a, b := loadFixture(t, minimal), loadFixture(t, full)
		if len(b.sources) > 0 {
			b.sources[0].Name = a.sources[0].Name
		}
		require.Equal(t, selectors(t, a), selectors(t, b), minimal)
	}
}

func selectors(t *testing.T, f fixture) map[string]any {
	t.Helper()
	found := map[string]any{}
	for _, child := range f.children(t) {
		switch child.GVK.Kind {
		case "StatefulSet", "Deployment":
			found[child.GVK.Kind] = workloads(t, []resources.Child{child})[0].selector.MatchLabels
		case "Service":
			found[child.GVK.Kind] = typed[corev1.Service](t, child).Spec.Selector
		}
	}
	require.Len(t, found, 2)
	return found
}
