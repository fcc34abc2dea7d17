// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

const rulesHead = "# Written by hack/docgen from the PrometheusRules of config/prometheus, for a Prometheus without its operator; " +
	"change those and run make generate.\n"

// alertFiles are the PrometheusRules in the order of their groups. The first one has recording rules that the second one uses.
var alertFiles = []string{"alerts.yaml", "alerts_journeys.yaml"}

// rulesFile returns the groups of the PrometheusRules as a rule file of Prometheus.
func rulesFile(dir string) (string, error) {
	var all struct {
		Groups []yaml.Node `yaml:"groups"`
	}
	for _, name := range alertFiles {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		var object struct {
			Spec struct {
				Groups []yaml.Node `yaml:"groups"`
			} `yaml:"spec"`
		}
		if err := yaml.Unmarshal(text, &object); err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if len(object.Spec.Groups) == 0 {
			return "", fmt.Errorf("%s has no groups of rules", name)
		}
		all.Groups = append(all.Groups, object.Spec.Groups...)
	}
	var out bytes.Buffer
	out.WriteString(rulesHead)
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&all); err != nil {
		return "", err
	}
	return out.String(), e.Close()
}
