// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// answer of the API of Prometheus.
type answer struct {
	Status string
	Data   struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
		ActiveTargets []struct {
			Labels            map[string]string
			Health, LastError string
		}
		Groups []struct {
			Rules []struct{ Name, Health, LastError, Type string }
		}
		Alerts []struct {
			Labels, Annotations map[string]string
			State               string
		}
	}
}

// prometheus is a running Prometheus server.
type prometheus struct{ address string }

func (p prometheus) get(path string) (a answer, err error) {
	response, err := http.Get("http://" + p.address + path)
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	return a, json.NewDecoder(response.Body).Decode(&a)
}

// values returns the samples of an expression, by the given labels.
func (p prometheus) values(expr string, labels ...string) (map[string]string, error) {
	a, err := p.get("/api/v1/query?query=" + url.QueryEscape(expr))
	values := map[string]string{}
	for _, r := range a.Data.Result {
		var key []string
		for _, l := range labels {
			key = append(key, r.Metric[l])
		}
		values[strings.Join(key, " ")] = fmt.Sprint(r.Value[1])
	}
	return values, err
}

// program starts a server of another project, and stops it after the specs of the container.
func program(path string, args ...string) {
	GinkgoHelper()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = GinkgoWriter, GinkgoWriter
	Expect(cmd.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

func freeAddress(host string) string {
	GinkgoHelper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// inbox starts a webhook that records what it receives.
func inbox() (address string, got chan string) {
	got = make(chan string, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		select {
		case got <- string(body):
		default:
		}
	}))
	DeferCleanup(s.Close)
	return s.URL, got
}

// alertmanager runs the recipe of the docs, with local webhooks and without its waiting times. The address is empty if Alertmanager is not available.
func alertmanager(ctx context.Context, dir string) (address string, got chan string) {
	GinkgoHelper()
	binary := os.Getenv("JOURNEYMAN_ALERTMANAGER")
	if binary == "" {
		AddReportEntry("Alertmanager is not here: no alert goes through it")
		return "", nil
	}
	hook, got := inbox()
	text, err := os.ReadFile(filepath.Join(root, "docs/examples/monitoring/alertmanager.yaml"))
	Expect(err).NotTo(HaveOccurred())
	_, _, err = suite.Command(ctx, "", filepath.Join(filepath.Dir(binary), "amtool"), "check-config", "docs/examples/monitoring/alertmanager.yaml")
	Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(dir, "alertmanager.yaml")
	quick := strings.NewReplacer("http://on-call.example.com", hook, "http://journeys.example.com", hook, "group_wait: 30s", "group_wait: 1s").
		Replace(string(text))
	Expect(os.WriteFile(file, []byte(quick), 0o600)).To(Succeed())
	address = freeAddress("127.0.0.1")
	program(binary, "--config.file="+file, "--storage.path="+filepath.Join(dir, "am"), "--web.listen-address="+address, "--cluster.listen-address=")
	Eventually(func() error {
		c, err := net.Dial("tcp", address)
		if err == nil {
			err = c.Close()
		}
		return err
	}).Should(Succeed(), "Alertmanager answers")
	return address, got
}

var _ = Describe("Prometheus", Ordered, Serial, alone, Label("monitoring"), func() {
	var namespace string
	var prom prometheus
	var received chan string
	var canaries gates

	BeforeAll(func(ctx context.Context) {
		binary, crds := filepath.Join(root, "bin/prometheus"), os.Getenv("JOURNEYMAN_CRDS")
		if _, err := os.Stat(binary); err != nil || crds == "" {
			Skip("bin/prometheus or the CRDs of its operator are not here: run hack/test-e2e.sh")
		}
		for _, crd := range []string{"podmonitors", "prometheusrules"} {
			file := filepath.Join(crds, "monitoring.coreos.com_"+crd+".yaml")
			suite.Kubectl(ctx, "apply", "--server-side", "-f", file)
			DeferCleanup(func(ctx context.Context) { _, _ = suite.TryKubectl(ctx, "delete", "-f", file, "--ignore-not-found") })
		}
		suite.Kubectl(ctx, "wait", "--for=condition=Established", "crd/podmonitors.monitoring.coreos.com", "crd/prometheusrules.monitoring.coreos.com", "--timeout=60s")
		namespace = team(ctx)
		install := append([]string{"install", "journeyman", "charts/journeyman", "-n", namespace, "--set", "prometheus.enabled=true,dashboards.enabled=true",
			"--wait", "--timeout", "4m"}, takeOver...)
		if os.Getenv("JOURNEYMAN_E2E_SHARED") != "" || !isAlone(ctx) {
			AddReportEntry("another operator is in the cluster: the release works in its own namespace, and a key opens its metrics, not an account's token")
			install = append(install, "--set", "mode=namespaced,crds.enabled=false")
		}
		suite.Helm(ctx, append(install, ofImage(image)...)...)
		DeferCleanup(func(ctx context.Context) {
			_, _ = suite.TryHelm(ctx, "uninstall", "journeyman", "-n", namespace, "--ignore-not-found")
		})
		suite.Kubectl(ctx, "apply", "-n", namespace, "-k", "config/samples")
		suite.Helm(ctx, "upgrade", "journeyman", "charts/journeyman", "-n", namespace, "--reuse-values", "--set", "sampleData.enabled=true", "--timeout", "8m")

		dir := GinkgoT().TempDir()
		var manager string
		manager, received = alertmanager(ctx, dir)
		prom.address = freeAddress(nodeAddress(ctx)) // the controllers of the recipes reach it at this address
		program(binary, "--config.file="+prometheusConfig(ctx, namespace, dir, manager), "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
			"--web.listen-address="+prom.address)
		canaries.install(ctx, namespace, prom)
	})

	It("scrapes the operator with the credentials of the chart, and every pod of the data plane", func() {
		Eventually(func() (map[string]string, error) {
			return prom.values(fmt.Sprintf(`sum by (component, name) (up{namespace=%q})`, namespace), "component", "name")
		}).Should(And(HaveKeyWithValue("journeyman-operator ", "1"), HaveKeyWithValue("journeyman-store default", "1"),
			HaveKey("journeyman-ingest web"), HaveKey("journeyman-ingest tills")))
		Eventually(func(g Gomega) {
			a, err := prom.get("/api/v1/targets?state=active")
			g.Expect(err).NotTo(HaveOccurred())
			for _, t := range a.Data.ActiveTargets {
				if t.Labels["namespace"] == namespace {
					g.Expect(t.Health).To(Equal("up"), "%v: %s", t.Labels, t.LastError)
				}
			}
		}).Should(Succeed())
	})

	It("has every condition of the objects", func(ctx context.Context) {
		Eventually(func(g Gomega) {
			// conditions change while results arrive, so read both sides again
			written, err := suite.TryKubectl(ctx, "-n", namespace, "get", "es,tps,jm,mr", "-o",
				"jsonpath={range .items[*]}{range .status.conditions[*]}{.type}{'\\n'}{end}{end}")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(prom.values(fmt.Sprintf(`count(journeyman_condition{namespace=%q})`, namespace))).
				To(Equal(map[string]string{"": fmt.Sprint(len(strings.Fields(written)))}))
		}).Should(Succeed())
		Expect(prom.values(fmt.Sprintf(`journeyman_condition{namespace=%q,kind="JourneyMap",type="DropOffDetected"}`, namespace), "reason")).
			To(Equal(map[string]string{"DropOffAboveLimit": "1"}))
	})

	It("evaluates all rules, and fires only for the drop-off of the samples", func() {
		Eventually(func(g Gomega) {
			a, err := prom.get("/api/v1/rules")
			g.Expect(err).NotTo(HaveOccurred())
			rules := 0
			for _, group := range a.Data.Groups {
				for _, r := range group.Rules {
					g.Expect(r.Health).To(Equal("ok"), "%s: %s", r.Name, r.LastError)
					rules++
				}
			}
			g.Expect(rules).To(BeNumerically(">", 25))
			firing, err := prom.values(fmt.Sprintf(`ALERTS{alertstate="firing",namespace=%q,severity!="info"}`, namespace), "alertname", "name")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(firing).To(Equal(map[string]string{"JourneymanDropOffAboveLimit omnichannel-retail": "1"}))
		}).Should(Succeed())
		a, err := prom.get("/api/v1/alerts")
		Expect(err).NotTo(HaveOccurred())
		for _, alert := range a.Data.Alerts {
			if alert.Labels["alertname"] == "JourneymanDropOffAboveLimit" && alert.Labels["namespace"] == namespace {
				Expect(alert.Annotations["summary"]).To(Equal("JourneyMap " + namespace + "/omnichannel-retail loses more customers than its maxDropOff allows"))
			}
		}
	})

	It("notifies Alertmanager, which calls the webhook of the journeys", func() {
		if received == nil {
			Skip("Alertmanager is not here")
		}
		Eventually(received).Should(Receive(And(ContainSubstring("JourneymanDropOffAboveLimit"), ContainSubstring(namespace), ContainSubstring("runbook_url"))))
	})

	canaries.open()

	It("answers the queries of the gates on a drop-off, and reports its rise", Label("recipes"), func(ctx context.Context) {
		of := func(file string, path func(map[string]any) any) string {
			text, err := os.ReadFile(filepath.Join(root, "docs/examples/monitoring", file))
			Expect(err).NotTo(HaveOccurred())
			first, _, _ := strings.Cut(string(text), "\n---\n")
			var o map[string]any
			Expect(yaml.Unmarshal([]byte(first), &o)).To(Succeed())
			query, ok := path(o["spec"].(map[string]any)).(string)
			Expect(ok).To(BeTrue())
			return strings.NewReplacer("{{args.namespace}}", namespace, "{{args.map}}", "omnichannel-retail", "{{args.stage}}", "intent",
				"{{ namespace }}", namespace, "{{ variables.map }}", "omnichannel-retail", "{{ variables.stage }}", "intent").Replace(query)
		}
		rollouts := of("analysistemplate.yaml", func(spec map[string]any) any {
			provider := spec["metrics"].([]any)[0].(map[string]any)["provider"].(map[string]any)
			return provider["prometheus"].(map[string]any)["query"]
		})
		flagger := of("metrictemplate.yaml", func(spec map[string]any) any { return spec["query"] })
		// 36 of the 100 customers with a cart buy
		Expect(prom.values(rollouts)).To(Equal(map[string]string{"": "0.36"}))
		Expect(prom.values(flagger)).To(Equal(map[string]string{"": "36"}))
		for _, query := range []string{rollouts, flagger} {
			Expect(prom.values(strings.ReplaceAll(query, "omnichannel-retail", "none"))).To(BeEmpty(), "no map, no value")
		}

		// 60 more customers fill a cart and leave, so the conversion falls below the limit of both recipes
		lose(ctx, namespace, 60)
		for query, want := range map[string]float64{rollouts: 0.225, flagger: 22.5} {
			Eventually(func(g Gomega) {
				now, err := prom.values(query)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(strconv.ParseFloat(now[""], 64)).To(BeNumerically("~", want, 1e-9))
			}).Should(Succeed())
		}
	})

	canaries.closed()
})
