// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// TestWorldIsTrue applies the samples as they are, lets the simulator send a world of customers through the five
// deployed sources, and wants every number of map and report to be the one that the simulator drew.
func TestWorldIsTrue(t *testing.T) {
	tm := newTeam(t)
	_, err := kubectl("-n", tm.namespace, "apply", "-k", filepath.Join(root, "config/samples"))
	require.NoError(t, err)
	sources := []string{"web", "crm-email", "tills", "support", "surveys"}
	for _, s := range sources {
		tm.condition("tps", s, v1alpha1.ConditionIngestionAvailable, "True")
	}
	dir := t.TempDir()
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
	t.Log(tm.simulator("compare", "--world="+world, "--map="+files[0], "--report="+files[1]))
}

// simulator runs the real program and wants it to succeed.
func (tm *team) simulator(args ...string) string {
	tm.t.Helper()
	out, err := exec.Command(filepath.Join(root, "bin/simulator"), args...).CombinedOutput()
	require.NoError(tm.t, err, "simulator %v: %s", args, out)
	return string(out)
}

// secretsDir writes the secret of each source of the samples to a file that has the source's name.
func (tm *team) secretsDir(dir string) string {
	tm.t.Helper()
	for source, name := range map[string]string{
		"web": "web-write-key", "crm-email": "crm-token", "tills": "tills-hmac", "support": "support-token", "surveys": "surveys-hmac",
	} {
		var s corev1.Secret
		tm.get(name, &s)
		require.NoError(tm.t, os.WriteFile(filepath.Join(dir, source), s.Data["journeyman-secret"], 0o600))
	}
	return dir
}

// analysed asks for a run now and writes the object with the results of a run that has seen the request to a file, as kubectl prints it.
func (tm *team) analysed(kind, name, dir string) string {
	tm.t.Helper()
	asked := time.Now().UTC().Format(time.RFC3339Nano)
	_, err := kubectl("-n", tm.namespace, "annotate", "--overwrite", kind, name, v1alpha1.RunAtAnnotation+"="+asked)
	require.NoError(tm.t, err)
	file := filepath.Join(dir, kind+".json")
	tm.eventually("results of a run of "+name+" that was asked for", func() error {
		out, err := kubectl("-n", tm.namespace, "get", kind, name, "-o", "json")
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
