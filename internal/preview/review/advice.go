// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package review

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/preview/notice"
	"github.com/journeyman-dev/journeyman/internal/privacy/mask"
	"github.com/journeyman-dev/journeyman/internal/value"
)

// Advice lists probable mistakes that the operator accepts in manifests: references to missing objects, which can be on the cluster, and what can never happen.
func Advice(set *manifest.Set) []string {
	var a advisor
	for _, s := range set.Sources {
		a.store("TouchpointSource", s, s.Spec.StoreRef.Name, set.Stores)
	}
	for _, m := range set.Maps {
		a.store("JourneyMap", m, m.Spec.StoreRef.Name, set.Stores)
		a.sources(m, set.Sources)
		a.times(m)
		a.matches("JourneyMap", m, &m.Spec)
	}
	for _, r := range set.Reports {
		a.matches("MetricReport", r, &r.Spec)
	}
	return a.out
}

type advisor struct{ out []string }

func (a *advisor) say(kind string, o metav1.Object, format string, args ...any) {
	a.out = append(a.out, fmt.Sprintf("%s %s: %s", kind, o.GetName(), fmt.Sprintf(format, args...)))
}

// store checks the reference to a store. Manifests without any store leave it to the cluster.
func (a *advisor) store(kind string, o metav1.Object, name v1alpha1.LocalName, stores []*v1alpha1.EventStore) {
	if has := namesIn(o.GetNamespace(), stores); len(stores) > 0 && !slices.Contains(has, string(name)) {
		a.say(kind, o, "spec.storeRef.name: the manifests have no EventStore %q%s; it must exist on the cluster", name, but(has))
	}
}

func (a *advisor) sources(m *v1alpha1.JourneyMap, sources []*v1alpha1.TouchpointSource) {
	has := namesIn(m.Namespace, sources)
	for i, ref := range m.Spec.Sources {
		if !slices.Contains(has, string(ref.Name)) {
			a.say("JourneyMap", m, "spec.sources[%d].name: the manifests have no TouchpointSource %q%s; it must exist on the cluster", i, ref.Name, but(has))
		}
	}
}

// times checks for times that are longer than the window.
func (a *advisor) times(m *v1alpha1.JourneyMap) {
	window := m.Spec.Progression.Window
	for i := range m.Spec.Stages {
		if within := m.Spec.Stages[i].Within; within.Or(0) > window.Or(0) {
			a.say("JourneyMap", m, "spec.stages[%d].within: %s is longer than the window of %s, which ends first", i, within, window)
		}
	}
}

// matches lists the events that a spec matches and that no event can be named.
func (a *advisor) matches(kind string, o metav1.Object, spec any) {
	for _, name := range notice.Wanted(spec) {
		if clean := value.Clean(name); clean != name {
			a.say(kind, o, "it matches %q, but names of events have no spaces around them. Use %q", name, clean)
		} else if masked := mask.Name(name); masked != name {
			a.say(kind, o, "it matches %q, but names of events contain no addresses and phone numbers. Use %q", name, masked)
		}
	}
}

func namesIn[T metav1.Object](namespace string, list []T) []string {
	var out []string
	for _, o := range list {
		if o.GetNamespace() == namespace {
			out = append(out, o.GetName())
		}
	}
	return out
}

func but(has []string) string {
	if len(has) == 0 {
		return ""
	}
	return ", but " + strings.Join(has, ", ")
}
