// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// requireFunnel waits for results of the map's generation, and requires the numbers of customers who entered each stage.
func (tm *team) requireFunnel(name string, want []int64) *v1alpha1.JourneyMap {
	GinkgoHelper()
	var jm v1alpha1.JourneyMap
	tm.eventually("results of "+name, func() error {
		tm.get(name, &jm)
		if jm.Status.Trace.Analysis == nil || jm.Status.Trace.Analysis.Generation != jm.Generation {
			return fmt.Errorf("no results of generation %d yet: %+v", jm.Generation, jm.Status.Trace.LastRun)
		}
		return nil
	})
	got := entered(&jm)
	Expect(got).To(Equal(want), "customers who entered each stage")
	for i, s := range jm.Status.Stages {
		Expect(s.Converted+s.Dropped).To(Equal(s.Entered), "entered = converted + dropped in stage %s", s.Name)
		if i > 0 {
			Expect(jm.Status.Stages[i-1].Converted).To(Equal(s.Entered))
		}
	}
	return &jm
}

func entered(jm *v1alpha1.JourneyMap) []int64 {
	out := make([]int64, 0, len(jm.Status.Stages))
	for _, s := range jm.Status.Stages {
		out = append(out, s.Entered)
	}
	return out
}

// requireKubectlGet requires the fields in the row that kubectl get prints for the map.
func (tm *team) requireKubectlGet(name string, fields ...string) {
	GinkgoHelper()
	out := suite.Kubectl(tm.ctx, "-n", tm.namespace, "get", "journeymaps", name, "--no-headers")
	AddReportEntry(out)
	row := strings.Fields(out)
	for _, f := range fields {
		Expect(slices.Contains(row, f)).To(BeTrue(), "%q is not in the row %q", f, out)
	}
}
