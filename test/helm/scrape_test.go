// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package helm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// podMonitor has the fields of a PodMonitor that the chart uses.
type podMonitor struct {
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Selector struct {
			MatchLabels      map[string]string
			MatchExpressions []struct {
				Key, Operator string
				Values        []string
			}
		}
		NamespaceSelector struct {
			Any        bool
			MatchNames []string
		}
		PodMetricsEndpoints []struct {
			Port, Path, Scheme string
			HonorLabels        bool
			Authorization      *struct {
				Credentials struct{ Name, Key string }
			}
			TLSConfig   map[string]any
			Relabelings []struct {
				SourceLabels             []string
				TargetLabel, Replacement string
			}
		}
	}
}

type object = map[string]any

// scrapeConfig converts a PodMonitor like the Prometheus operator, which cannot run here. It discovers pods with the API server, selects them by
// labels and port, and adds the labels namespace, pod and container.
func scrapeConfig(ctx context.Context, m podMonitor, dir string) object {
	e := m.Spec.PodMetricsEndpoints[0]
	relabel := []object{}
	keep := func(source, regex string) {
		relabel = append(relabel, object{"action": "keep", "source_labels": []string{source}, "regex": regex})
	}
	meta := func(label string) string {
		return "__meta_kubernetes_pod_label_" + strings.NewReplacer(".", "_", "/", "_", "-", "_").Replace(label)
	}
	for _, key := range slices.Sorted(maps.Keys(m.Spec.Selector.MatchLabels)) {
		keep(meta(key), m.Spec.Selector.MatchLabels[key])
	}
	for _, x := range m.Spec.Selector.MatchExpressions {
		Expect(x.Operator).To(Equal("In"))
		keep(meta(x.Key), strings.Join(x.Values, "|"))
	}
	keep("__meta_kubernetes_pod_container_port_name", e.Port)
	for source, target := range map[string]string{
		"__meta_kubernetes_namespace": "namespace", "__meta_kubernetes_pod_name": "pod", "__meta_kubernetes_pod_container_name": "container",
	} {
		relabel = append(relabel, object{"source_labels": []string{source}, "target_label": target})
	}
	for _, r := range e.Relabelings {
		rule := object{"source_labels": r.SourceLabels, "target_label": r.TargetLabel}
		if r.Replacement != "" {
			rule["replacement"] = r.Replacement
		}
		relabel = append(relabel, rule)
	}
	discovery := object{"role": "pod", "kubeconfig_file": os.Getenv("KUBECONFIG")}
	if !m.Spec.NamespaceSelector.Any {
		names := m.Spec.NamespaceSelector.MatchNames
		if len(names) == 0 {
			names = []string{m.Metadata.Namespace}
		}
		discovery["namespaces"] = object{"names": names}
	}
	c := object{
		"job_name": m.Metadata.Namespace + "/" + m.Metadata.Name, "metrics_path": e.Path,
		"honor_labels":          e.HonorLabels, //nolint:misspell // a word of Prometheus
		"kubernetes_sd_configs": []object{discovery}, "relabel_configs": relabel,
	}
	if e.Scheme != "" {
		c["scheme"] = e.Scheme
	}
	if e.TLSConfig != nil {
		c["tls_config"] = object{"insecure_skip_verify": e.TLSConfig["insecureSkipVerify"]}
	}
	if e.Authorization != nil {
		file := filepath.Join(dir, m.Metadata.Name+".token")
		Expect(os.WriteFile(file, []byte(secret(ctx, m.Metadata.Namespace, e.Authorization.Credentials.Name, e.Authorization.Credentials.Key)), 0o600)).To(Succeed())
		c["authorization"] = object{"credentials_file": file}
	}
	return c
}

// secret reads a key of a Secret. It waits, because a controller may not have written it yet.
func secret(ctx context.Context, namespace, name, key string) (text string) {
	Eventually(func() string {
		out, err := suite.TryKubectl(ctx, "-n", namespace, "get", "secret", name, "-o", "jsonpath={.data."+key+"}")
		if err != nil {
			return ""
		}
		raw, err := base64.StdEncoding.DecodeString(out)
		Expect(err).NotTo(HaveOccurred())
		text = string(raw)
		return text
	}).ShouldNot(BeEmpty())
	return text
}

// prometheusConfig writes the configuration of a Prometheus server for the PodMonitors and PrometheusRules in a namespace. Rules have no "for", which
// promtool's tests cover.
func prometheusConfig(ctx context.Context, namespace, dir, alertmanager string) string {
	var monitors struct{ Items []podMonitor }
	Expect(json.Unmarshal([]byte(suite.Kubectl(ctx, "-n", namespace, "get", "podmonitors", "-o", "json")), &monitors)).To(Succeed())
	Expect(monitors.Items).To(HaveLen(2))
	scrapes := []object{}
	for _, m := range monitors.Items {
		scrapes = append(scrapes, scrapeConfig(ctx, m, dir))
	}
	var rules struct {
		Items []struct {
			Metadata struct{ Name string }
			Spec     json.RawMessage
		}
	}
	Expect(json.Unmarshal([]byte(suite.Kubectl(ctx, "-n", namespace, "get", "prometheusrules", "-o", "json")), &rules)).To(Succeed())
	Expect(rules.Items).To(HaveLen(2))
	for _, r := range rules.Items {
		text, err := yaml.JSONToYAML(r.Spec)
		Expect(err).NotTo(HaveOccurred())
		lines := strings.Split(string(text), "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "for: ") })
		Expect(os.WriteFile(filepath.Join(dir, r.Metadata.Name+".rules.yaml"), []byte(strings.Join(lines, "\n")), 0o600)).To(Succeed())
	}
	config := object{
		"global":         object{"scrape_interval": "5s", "scrape_timeout": "5s", "evaluation_interval": "5s"},
		"rule_files":     []string{filepath.Join(dir, "*.rules.yaml")},
		"scrape_configs": scrapes,
	}
	if alertmanager != "" {
		config["alerting"] = object{"alertmanagers": []object{{"static_configs": []object{{"targets": []string{alertmanager}}}}}}
	}
	text, err := yaml.Marshal(config)
	Expect(err).NotTo(HaveOccurred())
	file := filepath.Join(dir, "prometheus.yaml")
	Expect(os.WriteFile(file, text, 0o600)).To(Succeed())
	return file
}
