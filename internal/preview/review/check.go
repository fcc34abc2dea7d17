// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package review checks manifests without events: what the operator would refuse, and probable mistakes.
package review

import (
	"errors"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/accept"
	"github.com/journeyman-dev/journeyman/internal/manifest"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Check returns everything in the manifests for which the operator would set Stalled, beyond their schema, and duplicate objects.
func Check(set *manifest.Set) error {
	c := checker{seen: map[string]bool{}, set: set}
	faulty := set.Faulty
	if faulty == nil {
		faulty = &manifest.Set{}
	}
	for _, s := range set.Stores {
		c.once("EventStore", s.Namespace, s.Name)
	}
	c.sources = slices.Concat(set.Sources, faulty.Sources)
	for _, s := range c.sources {
		c.once("TouchpointSource", s.Namespace, s.Name)
		c.add("TouchpointSource", s, accept.Mapping(&s.Spec))
	}
	c.maps = slices.Concat(set.Maps, faulty.Maps)
	for _, m := range c.maps {
		c.journey(m)
	}
	for _, r := range slices.Concat(set.Reports, faulty.Reports) {
		c.report(r)
	}
	return errors.Join(c.errs...)
}

// checker collects errors.
type checker struct {
	set     *manifest.Set
	sources []*v1alpha1.TouchpointSource
	maps    []*v1alpha1.JourneyMap
	seen    map[string]bool
	errs    []error
}

func (c *checker) once(kind, namespace, name string) {
	key := kind + " " + namespace + "/" + name
	if c.seen[key] {
		c.errs = append(c.errs, fmt.Errorf("%s %s: metadata.name: the manifests have two objects of this name: remove one", kind, name))
	}
	c.seen[key] = true
}

// add adds the faults of an object, except those of fields that the schema has already reported.
func (c *checker) add(kind string, o metav1.Object, faults []*accept.Fault) {
	for _, f := range faults {
		if !c.set.Says(kind, o.GetNamespace(), o.GetName(), f.Path) {
			c.errs = append(c.errs, fmt.Errorf("%s %s: %w", kind, o.GetName(), f))
		}
	}
}

func (c *checker) journey(m *v1alpha1.JourneyMap) {
	c.once("JourneyMap", m.Namespace, m.Name)
	_, faults := accept.Schedule(m.Spec.Analysis, m.UID)
	c.add("JourneyMap", m, faults)
	for i, ref := range m.Spec.Sources {
		path := fmt.Sprintf("spec.sources[%d].name", i)
		at := slices.IndexFunc(c.sources, func(s *v1alpha1.TouchpointSource) bool {
			return s.Name == string(ref.Name) && s.Namespace == m.Namespace
		})
		if at >= 0 { // A source that is not in the manifests can be on the cluster.
			c.add("JourneyMap", m, accept.Feeds(m, path, c.sources[at]))
		}
	}
}

func (c *checker) report(r *v1alpha1.MetricReport) {
	c.once("MetricReport", r.Namespace, r.Name)
	_, faults := accept.Schedule(r.Spec.Analysis, r.UID)
	c.add("MetricReport", r, faults)
	name := string(r.Spec.JourneyMapRef.Name)
	i := slices.IndexFunc(c.maps, func(m *v1alpha1.JourneyMap) bool { return m.Name == name && m.Namespace == r.Namespace })
	if i < 0 {
		c.errs = append(c.errs, fmt.Errorf("MetricReport %s: spec.journeyMapRef.name: %s", r.Name, c.noMap(name, r.Namespace)))
		return
	}
	m := c.maps[i]
	c.add("MetricReport", r, accept.Stages(r, m))
	_, mapFaults := accept.Schedule(m.Spec.Analysis, m.UID)
	if _, err := resources.ReportSchedule(r, m); err != nil && len(faults)+len(mapFaults) == 0 {
		c.add("MetricReport", r, accept.ScheduleFault(err))
	}
}

// noMap returns the error of a report without a map.
func (c *checker) noMap(name, namespace string) string {
	if i := slices.IndexFunc(c.maps, func(m *v1alpha1.JourneyMap) bool { return m.Name == name }); i >= 0 {
		return fmt.Sprintf("JourneyMap %q is in the namespace %s, but a report needs a map in its own namespace, which is %s", name, c.maps[i].Namespace, namespace)
	}
	return fmt.Sprintf("the manifests have no JourneyMap %q", name)
}
