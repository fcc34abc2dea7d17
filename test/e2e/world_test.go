// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

var _ = Describe("A simulated world of customers", suite.Slow, func() {
	// Applies the samples unchanged, sends the events of a simulated world through the five sources, and compares all numbers of map and report with the
	// true numbers of the simulator.
	It("gives the true numbers of the simulator", func(ctx SpecContext) {
		tm := newTeam(ctx)
		suite.Kubectl(tm.ctx, "-n", tm.namespace, "apply", "-k", filepath.Join(root, "config/samples"))
		sources := []string{"web", "crm-email", "tills", "support", "surveys"}
		for _, s := range sources {
			tm.condition("tps", s, v1alpha1.ConditionIngestionAvailable, "True")
		}
		dir := GinkgoT().TempDir()
		world := filepath.Join(dir, "world.json")
		args := []string{"run", "--seed=11", "--persons=800", "--save=" + world, "--secrets-dir=" + tm.secretsDir(dir)}
		for _, s := range sources {
			args = append(args, "--endpoint="+s+"="+tm.serviceURL(s+"-ingest"))
		}
		tm.simulator(args...)
		files := []string{
			tm.analysed("jm", "omnichannel-retail", dir),
			tm.analysed("mr", "retail-kpis", dir),
		}
		AddReportEntry("the simulator compares", tm.simulator("compare", "--world="+world, "--map="+files[0], "--report="+files[1]))
	})
})

// simulator runs the real program, and requires success.
func (tm *team) simulator(args ...string) string {
	GinkgoHelper()
	out, err := exec.Command(filepath.Join(root, "bin/simulator"), args...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "simulator %v: %s", args, out)
	return string(out)
}

// secretsDir writes the secret of each source of the samples to a file with the name of the source.
func (tm *team) secretsDir(dir string) string {
	GinkgoHelper()
	for source, name := range map[string]string{
		"web": "web-write-key", "crm-email": "crm-token", "tills": "tills-hmac", "support": "support-token", "surveys": "surveys-hmac",
	} {
		var s corev1.Secret
		tm.get(name, &s)
		Expect(os.WriteFile(filepath.Join(dir, source), s.Data["journeyman-secret"], 0o600)).To(Succeed())
	}
	return dir
}

// analysed requests a run, waits for results of a run that saw the request, and writes the object to a file in JSON.
func (tm *team) analysed(kind, name, dir string) string {
	GinkgoHelper()
	asked := time.Now().UTC().Format(time.RFC3339Nano)
	suite.Kubectl(tm.ctx, "-n", tm.namespace, "annotate", "--overwrite", kind, name, v1alpha1.RunAtAnnotation+"="+asked)
	file := filepath.Join(dir, kind+".json")
	tm.eventually("results of a run of "+name+" that was asked for", func() error {
		out, err := suite.TryKubectl(tm.ctx, "-n", tm.namespace, "get", kind, name, "-o", "json")
		if err != nil {
			return err
		}
		var o struct {
			Status struct {
				Trace struct {
					Analysis v1alpha1.AnalysisRecord `json:"analysis"`
					LastRun  v1alpha1.RunRecord      `json:"lastRun"`
				} `json:"trace"`
			} `json:"status"`
		}
		if err := json.Unmarshal([]byte(out), &o); err != nil {
			return err
		}
		if handled := o.Status.Trace.Analysis.HandledRunAt; handled != asked {
			return fmt.Errorf("no results for %s: they are for %q, last attempt %+v", asked, handled, o.Status.Trace.LastRun)
		}
		return os.WriteFile(file, []byte(out), 0o600)
	})
	return file
}
