// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/argo"
)

// healths collects which health Argo CD has seen of which kind, in all tests together.
var healths = struct {
	sync.Mutex
	script string
	seen   map[string]bool
}{seen: map[string]bool{}}

// TestSuspendedAnalysis: a map and a report that are suspended stay Ready; Argo CD calls them Suspended, and well again when they go on.
func TestSuspendedAnalysis(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.apply(kinds...)
	w.awaitSamples()
	m, r := &v1alpha1.JourneyMap{}, &v1alpha1.MetricReport{}
	for _, on := range []*bool{ptr.To(true), nil} {
		change(w, "omnichannel-retail", m, func(m *v1alpha1.JourneyMap) { m.Spec.Analysis.Suspend = on })
		change(w, "retail-kpis", r, func(r *v1alpha1.MetricReport) { r.Spec.Analysis.Suspend = on })
		generation := m.Generation
		eventually(w, "omnichannel-retail", m, "Ready", func(m *v1alpha1.JourneyMap) bool {
			return m.Status.ObservedGeneration == generation && has(m, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		})
		generation = r.Generation
		eventually(w, "retail-kpis", r, "Ready", func(r *v1alpha1.MetricReport) bool {
			return r.Status.ObservedGeneration == generation && has(r, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		})
	}
}

// checkHealth runs Argo CD's script on every status that the operator of a test has written, and wants it to agree with kstatus, which Flux
// and kubectl go by.
func (w *world) checkHealth() {
	healths.Lock()
	defer healths.Unlock()
	if healths.script == "" {
		text, err := os.ReadFile("../../config/argocd/health.lua")
		require.NoError(w.t, err)
		healths.script = string(text)
	}
	for _, r := range w.wire.Log() {
		if !r.Status() || r.Code != 200 {
			continue
		}
		u := &unstructured.Unstructured{}
		require.NoError(w.t, u.UnmarshalJSON(r.Body))
		if u.GetDeletionTimestamp() != nil {
			continue // Argo CD says itself what is going away
		}
		want, err := argo.Expected(u)
		require.NoError(w.t, err)
		is, message, err := argo.Health(healths.script, u)
		require.NoError(w.t, err)
		require.Equal(w.t, want, is, "%s %s: %v", u.GetKind(), u.GetName(), u.Object["status"])
		require.NotEmpty(w.t, message)
		healths.seen[u.GetKind()+" "+is] = true
	}
}

// unseenHealths names what no test has produced: a script is proven for what it was run on.
func unseenHealths() error {
	for _, kind := range kinds {
		for _, health := range []string{argo.Healthy, argo.Progressing, argo.Degraded, argo.Suspended} {
			if health == argo.Suspended && kind == "EventStore" {
				continue // a store cannot be suspended
			}
			if !healths.seen[kind+" "+health] {
				return fmt.Errorf("no test produces a %s that is %s", kind, health)
			}
		}
	}
	return nil
}
