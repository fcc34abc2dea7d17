// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const (
	rulesFile = "../../config/prometheus/rules/journeyman.yaml"
	testFiles = "../../config/prometheus/tests/*.yaml"
	runbooks  = "https://github.com/journeyman-dev/journeyman/blob/main/docs/runbooks/"
)

// promtool runs promtool, or skips the test if it is not built.
func promtool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := filepath.Abs("../../bin/promtool")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Skip("bin/promtool is not there: run hack/tools/build.sh prometheus/promtool")
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	return string(out), err
}

type alert struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// alerts returns the alerts of the rule file by name.
func alerts(t *testing.T) map[string]alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []alert `json:"rules"`
		} `json:"groups"`
	}
	text, err := os.ReadFile(rulesFile)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &file))
	all := map[string]alert{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert != "" {
				require.NotContains(t, all, r.Alert, "two alerts of one name")
				all[r.Alert] = r
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestAlertRules(t *testing.T) {
	out, err := promtool(t, "check", "rules", "--lint=all", "--lint-fatal", rulesFile)
	require.NoError(t, err, out)
	files, err := filepath.Glob(testFiles)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out, err = promtool(t, append([]string{"test", "rules"}, files...)...)
	require.NoError(t, err, out)
}

// promtool's tests fail for an alert that never fires, and for one that always fires.
func TestAlertTestsFindABrokenRule(t *testing.T) {
	text, err := os.ReadFile(rulesFile)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../config/prometheus")))
	for name, c := range map[string]struct{ old, broken, foundBy string }{
		"the suspended count, too": {"(journeyman_suspended) == 1", "(journeyman_suspended) == 2", "ingestion"},
		"no patience":              {"for: 20m", "for: 0m", "ingestion"},
		"another condition":        {`reason="DropOffUnusual"`, `reason="DropOffStrange"`, "journeys"},
		"unknown is bad":           {"}) == 0", "}) < 1", "ingestion"},
		"no operator is missed":    {`and on () max(up{component="journeyman-operator"}) == 1`, `and on () vector(1) == 2`, "machinery"},
		"a length for certificates": {"/ (journeyman_ingest_certificate_expiry_timestamp_seconds - journeyman_ingest_certificate_start_timestamp_seconds)",
			"/ (90 * 86400)", "ingestion"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.ReplaceAll(string(text), c.old, c.broken)
			require.NotEqual(t, string(text), broken)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "rules/journeyman.yaml"), []byte(broken), 0o600))
			out, err := promtool(t, "test", "rules", filepath.Join(dir, "tests", c.foundBy+".yaml"))
			require.Error(t, err)
			require.Contains(t, out, "FAILED")
		})
	}
}

var (
	labelUsed  = regexp.MustCompile(`\$labels\.(\w+)`)
	firingCase = regexp.MustCompile(`labels: '(ALERTS\{[^']*\})'`)
	alertNamed = regexp.MustCompile(`Journeyman[A-Z]\w+(\.\*)?`)
	labelSet   = regexp.MustCompile(`(\w+)="`)
)

// Each alert fires in a case of the tests. It has the labels that its texts use, a severity, and a page that says what to do.
func TestEveryAlertIsTestedAndExplained(t *testing.T) {
	files, err := filepath.Glob(testFiles)
	require.NoError(t, err)
	fires := map[string][]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for _, m := range firingCase.FindAllStringSubmatch(string(text), -1) {
			name := regexp.MustCompile(`alertname="(\w+)"`).FindStringSubmatch(m[1])[1]
			fires[name] = append(fires[name], m[1])
		}
	}
	all := alerts(t)
	for name, a := range all {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, fires[name], "no case of config/prometheus/tests fires it")
			require.Contains(t, []string{"info", "warning", "critical"}, a.Labels["severity"])
			require.NotEmpty(t, a.For, "a scrape that failed once is no alert")
			require.NotEmpty(t, a.Annotations["summary"])
			require.Contains(t, a.Annotations["description"], "What to do: ")
			require.Equal(t, runbooks+name+".md", a.Annotations["runbook_url"])
			for _, l := range labelUsed.FindAllStringSubmatch(a.Annotations["summary"]+a.Annotations["description"], -1) {
				for _, series := range fires[name] {
					var has []string
					for _, m := range labelSet.FindAllStringSubmatch(series, -1) {
						has = append(has, m[1])
					}
					require.Contains(t, has, l[1], "the texts name a label that the alert does not have")
				}
			}
		})
	}
}

// Each alert has a runbook, and each runbook an alert. A page has the four parts in order.
func TestRunbooks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/runbooks/Journeyman*.md")
	require.NoError(t, err)
	all := alerts(t)
	require.Len(t, pages, len(all))
	index, err := os.ReadFile("../../docs/runbooks/README.md")
	require.NoError(t, err)
	for _, page := range pages {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		require.Contains(t, all, name)
		require.Contains(t, string(index), "["+name+"]("+name+".md)")
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# "+name+"\n"), page)
		at := 0
		for _, part := range []string{"\n## Meaning\n", "\n## Impact\n", "\n## Diagnosis\n", "\n## Mitigation\n"} {
			next := strings.Index(string(text), part)
			require.Greater(t, next, at, "%s: %q", page, part)
			at = next
		}
	}
}
