// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"sigs.k8s.io/yaml"
)

const (
	plugin        = "kubectl-journey"
	licenceFile   = "LICENSE"
	licencesFile  = "THIRD_PARTY_LICENSES.txt"
	krewAPI       = "krew.googlecontainertools.github.com/v1alpha2"
	pluginSummary = "Work with customer journeys"
	pluginText    = `preview computes the numbers of JourneyMaps and MetricReports over files of events, without a cluster, by the code that
computes them in one. who lists the customers who reached a stage, or were lost after it. erase removes a person from a store.
`
)

// suffix returns the file extension of a program.
func suffix(p v1.Platform) string {
	if p.OS == "windows" {
		return ".exe"
	}
	return ""
}

// packPlugin writes an archive of the kubectl plugin for each of its platforms, and the manifest for krew.
func (r *release) packPlugin() error {
	platforms, err := r.platforms()
	if err != nil {
		return err
	}
	var entries []any
	for _, p := range platforms {
		bin := plugin + suffix(p)
		program, err := os.ReadFile(filepath.Join(r.work, "bin", folder(p), bin))
		if err != nil {
			return err
		}
		files := []entry{{bin, 0o755, program}}
		for name, from := range map[string]string{licenceFile: filepath.Join(r.root, licenceFile), licencesFile: filepath.Join(r.work, licencesFile)} {
			data, err := os.ReadFile(from)
			if err != nil {
				return err
			}
			files = append(files, entry{name, 0o644, data})
		}
		archive := fmt.Sprintf("%s-%s-%s.tar.gz", plugin, r.version, folder(p))
		if err := packTarGz(filepath.Join(r.dist, archive), files, r.date); err != nil {
			return err
		}
		sum, err := digest(filepath.Join(r.dist, archive))
		if err != nil {
			return err
		}
		entries = append(entries, map[string]any{
			"selector": map[string]any{"matchLabels": map[string]any{"os": p.OS, "arch": p.Architecture}},
			"uri":      fmt.Sprintf("%s/releases/download/v%s/%s", r.repository, r.version, archive),
			"sha256":   sum,
			"bin":      bin,
		})
	}
	manifest, err := yaml.Marshal(map[string]any{
		"apiVersion": krewAPI, "kind": "Plugin", "metadata": map[string]any{"name": "journey"},
		"spec": map[string]any{
			"version": "v" + r.version, "homepage": r.repository, "shortDescription": pluginSummary, "description": pluginText, "platforms": entries,
		},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dist, "journey.yaml"), manifest, 0o644)
}
