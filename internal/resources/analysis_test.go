// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

func mustYAML(t *testing.T, v any) []byte {
	t.Helper()
	b, err := yaml.Marshal(v)
	require.NoError(t, err)
	return b
}

func quantities(pairs ...string) map[string]resource.Quantity {
	m := map[string]resource.Quantity{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = resource.MustParse(pairs[i+1])
	}
	return m
}

func TestResources(t *testing.T) {
	for name, tc := range map[string]struct {
		user             *v1alpha1.PodResources
		requests, limits map[string]resource.Quantity
		goLimit          string
	}{
		"defaults": {
			nil,
			quantities("cpu", "100m", "memory", "256Mi"), quantities("memory", "2Gi"), "2048MiB",
		},
		"a limit below the default request lowers it": {
			&v1alpha1.PodResources{Limits: quantities("memory", "128Mi", "cpu", "50m")},
			quantities("cpu", "50m", "memory", "128Mi"), quantities("memory", "128Mi", "cpu", "50m"), "128MiB",
		},
		"a request above the default limit raises it": {
			&v1alpha1.PodResources{Requests: quantities("memory", "4Gi")},
			quantities("cpu", "100m", "memory", "4Gi"), quantities("memory", "4Gi"), "4096MiB",
		},
		"a contradiction of the user's own is the API server's to refuse": {
			&v1alpha1.PodResources{Requests: quantities("memory", "4Gi"), Limits: quantities("memory", "1Gi")},
			quantities("cpu", "100m", "memory", "4Gi"), quantities("memory", "1Gi"), "1024MiB",
		},
		"other resources": {
			&v1alpha1.PodResources{Requests: quantities("ephemeral-storage", "1Gi")},
			quantities("cpu", "100m", "memory", "256Mi", "ephemeral-storage", "1Gi"), quantities("memory", "2Gi"), "2048MiB",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := loadFixture(t, "testdata/eventstore-minimal.in.yaml")
			f.stores[0].Spec.Pod = &v1alpha1.PodOptions{Resources: tc.user}
			container := workloads(t, f.children(t))[0].template.Spec.Containers[0]
			require.YAMLEq(t, string(mustYAML(t, tc.requests)), string(mustYAML(t, container.Resources.Requests)))
			require.YAMLEq(t, string(mustYAML(t, tc.limits)), string(mustYAML(t, container.Resources.Limits)))
			require.Contains(t, container.Env, corev1.EnvVar{Name: "GOMEMLIMIT", Value: tc.goLimit})
		})
	}
}

func TestUserLabelsCannotReplaceOurs(t *testing.T) {
	f := loadFixture(t, "testdata/touchpointsource-minimal.in.yaml")
	before := workloads(t, f.children(t))[0].template.Labels
	f.sources[0].Spec.Pod = &v1alpha1.PodOptions{Labels: map[string]string{
		"team": "web", "app.kubernetes.io/component": "x", "journeyman.dev/other": "x", "pod-template-hash": "x",
		"batch.kubernetes.io/job-name": "x", "job-name": "x",
	}}
	before["team"] = "web"
	require.Equal(t, before, workloads(t, f.children(t))[0].template.Labels)
}

func TestNameOfFirstRunJobsDependsOnTheReason(t *testing.T) {
	f := loadFixture(t, "testdata/journeymap-full.in.yaml")
	in := f.mapInput(f.material(t))
	first := firstRun(t, in)

	later, err := resources.FirstRunJob(in, now.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, first.Name, later.Name, "the time of the decision gives no new run")

	for name, change := range map[string]func(*v1alpha1.JourneyMap){
		"generation": func(m *v1alpha1.JourneyMap) { m.Generation++ },
		"run-at":     func(m *v1alpha1.JourneyMap) { m.Annotations[v1alpha1.RunAtAnnotation] = "again" },
		"uid":        func(m *v1alpha1.JourneyMap) { m.UID = "another" },
	} {
		other := f.mapInput(f.material(t))
		other.Map = f.maps[0].DeepCopy()
		change(other.Map)
		require.NotEqual(t, first.Name, firstRun(t, other).Name, name)
	}
	env := typed[batchv1.Job](t, first).Spec.Template.Spec.Containers[0].Env
	require.Contains(t, env, corev1.EnvVar{Name: "SCHEDULED_TIME", Value: "2026-11-22T10:00:00Z"})
}

// A report runs again when the map changes in a field that the report uses.
func TestReportsRunAgainWhenTheirMapChanges(t *testing.T) {
	f := loadFixture(t, "testdata/metricreport-full.in.yaml")
	f.reports[0].Spec.Analysis.Lookback = ""
	name := func(change func(*v1alpha1.JourneyMap)) string {
		in := f.reportInput(f.material(t))
		in.Map = f.maps[0].DeepCopy()
		in.Map.Generation++
		change(in.Map)
		return firstRun(t, in).Name
	}
	before := firstRun(t, f.reportInput(f.material(t))).Name
	for what, change := range map[string]func(*v1alpha1.JourneyMap){
		"a review": func(m *v1alpha1.JourneyMap) {
			m.Spec.Freshness = &v1alpha1.MapFreshness{ReviewedAt: "2026-11-20", MinCoverage: "0.9"}
		},
		"a pain point": func(m *v1alpha1.JourneyMap) { m.Spec.Stages[0].Touchpoints[0].PainPoints = []string{"Slow"} },
		"a limit":      func(m *v1alpha1.JourneyMap) { m.Spec.Stages[0].MaxDropOff = "0.123" },
	} {
		require.Equal(t, before, name(change), what)
	}
	for what, change := range map[string]func(*v1alpha1.JourneyMap){
		"the window":         func(m *v1alpha1.JourneyMap) { m.Spec.Progression.Window = "99d" },
		"an event":           func(m *v1alpha1.JourneyMap) { m.Spec.Stages[0].Touchpoints[0].Match[0].Event = "Another" },
		"what is counted":    func(m *v1alpha1.JourneyMap) { m.Spec.CountBy = &v1alpha1.CountBy{Key: "groups.company"} },
		"an inherited field": func(m *v1alpha1.JourneyMap) { m.Spec.Analysis = &v1alpha1.Analysis{Lookback: "77d"} },
	} {
		require.NotEqual(t, before, name(change), what)
	}
	f.reports[0].Spec.Analysis.Lookback = "7d"
	before = firstRun(t, f.reportInput(f.material(t))).Name
	require.Equal(t, before, name(func(m *v1alpha1.JourneyMap) { m.Spec.Analysis = &v1alpha1.Analysis{Lookback: "77d"} }), "the report has its own")
}

// A map and a report can have the same name, so their children have different names.
func TestMapAndReportWithTheSameName(t *testing.T) {
	f := loadFixture(t, "testdata/metricreport-full.in.yaml")
	f.reports[0].Name = f.maps[0].Name
	seen := map[string]bool{}
	for _, parent := range []string{v1alpha1.MetricReportKind, v1alpha1.JourneyMapKind} {
		f.parent = parent
		for _, child := range f.children(t) {
			require.False(t, seen[child.String()], child.String())
			seen[child.String()] = true
		}
	}
}

// A cache lists sources in any order.
func TestOrderOfSourcesDoesNotMatter(t *testing.T) {
	f := loadFixture(t, "testdata/journeymap-full.in.yaml")
	want := render(t, f.children(t))
	f.sources[0], f.sources[1] = f.sources[1], f.sources[0]
	require.Equal(t, string(want), string(render(t, f.children(t))))
}
